import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalChart } from '../../src/chart/local-chart.ts';
import { readProvenance, readSignedChart as readChart } from '../../src/chart/signed-chart.ts';
import { tgzOf } from '../support/archives.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { vectorPath, vectors } from '../support/vectors.ts';

const readSignedChart = (path: string) => readChart(new LocalChart(path));

/** The path of an archive with a provenance file of these bytes beside it, or none. */
async function chartWith(provenance?: string | Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'mychart-0.1.0.tgz');
  await writeFile(path, await tgzOf(['mychart/Chart.yaml', 'name: mychart\nversion: 0.1.0\n']));
  if (provenance !== undefined) await writeFile(`${path}.prov`, provenance);
  return path;
}

describe('the files of a chart', () => {
  test('without a provenance file are no signed chart', async () => {
    const path = await chartWith();
    await expect(readSignedChart(path)).rejects.toMatchObject({
      code: 'INPUT',
      message: `there is no provenance file ${path}.prov`,
      hint: {
        consumer: expect.stringContaining('helm pull --prov') as string,
        publisher: 'sign the chart with helm sigstore sign, which writes it beside the archive',
      },
    });
  });

  test('without the archive, the archive is what is missing', async () => {
    const path = join(await temporaryDirectory(), 'none.tgz');
    await expect(readSignedChart(path)).rejects.toThrow(`there is no file ${path}`);
  });

  test.each([
    ['an empty provenance file', '', 'the provenance file .* is empty'],
    ['ten megabytes', 'x'.repeat(10 << 20), 'to be a provenance file of at most 4194304 bytes, found more'],
    ['text', 'hello\n', 'is no provenance file: '],
    ['binary data', Uint8Array.of(0, 1, 2, 255), 'is no provenance file: '],
  ])('with %s are refused', async (_, bytes, message) => {
    const failure = readSignedChart(await chartWith(bytes));
    await expect(failure).rejects.toThrow(new RegExp(message));
    await expect(failure).rejects.toMatchObject({ code: 'INPUT' });
  });

  test('with a directory in place of the provenance file are refused', async () => {
    const path = await chartWith();
    await mkdir(`${path}.prov`);
    await expect(readSignedChart(path)).rejects.toThrow(`cannot read ${path}.prov: EISDIR`);
  });
});

describe.skipIf(!vectors)('a chart signed by Helm (needs the vectors)', () => {
  const path = () => vectorPath('helm-testdata', 'hashtest-1.2.3.tgz');

  test('is read with archive and provenance', async () => {
    const { archive, provenance } = await readSignedChart(path());
    expect(provenance.document.files).toEqual([{ name: archive.name, sha256: archive.sha256 }]);
  });

  test('its provenance is read alone', async () => {
    const alone = join(await temporaryDirectory(), 'alone.prov');
    await copyFile(`${path()}.prov`, alone);
    expect((await readProvenance(new LocalChart(alone))).document.files[0]?.name).toBe('hashtest-1.2.3.tgz');
  });
});
