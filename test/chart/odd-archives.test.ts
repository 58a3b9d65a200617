import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseChartYaml } from '../../src/chart/archive/metadata.ts';
import { InputError } from '../../src/errors.ts';
import { openArchive } from '../support/charts-named.ts';
import { ODD_ARCHIVES } from '../support/odd-archives.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test.each(ODD_ARCHIVES)(
  'an archive with $what is to this reader what it is to Helm: $helm',
  async ({ bytes, helm, refusedHere }) => {
    const path = join(await temporaryDirectory(), 'odd-1.0.0.tgz');
    await writeFile(path, bytes);
    const reading = openArchive(path).then(({ metadata }) => parseChartYaml(metadata));
    if (helm === 'refused' || refusedHere !== undefined) {
      await expect(reading).rejects.toBeInstanceOf(InputError);
      if (refusedHere !== undefined) await expect(reading).rejects.toThrow(refusedHere);
    } else {
      const { name, version } = await reading;
      expect(`${name} ${version}`).toBe(helm);
    }
  },
);
