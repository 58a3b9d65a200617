import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ODD_ARCHIVES } from '../support/odd-archives.ts';
import { FOR_A_MOMENT } from './helm-site.ts';

const helms = inject('helms');
const run = promisify(execFile);

if (helms.length === 0) test.skip('odd archives are read as Helm reads them (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'odd-archives-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  test.each(ODD_ARCHIVES)('takes an archive with $what for $helm', async ({ bytes, helm: expected }) => {
    const archive = path.join(directory, 'odd.tgz');
    await writeFile(archive, bytes);
    const shown = await run(helm.path, ['show', 'chart', archive], {
      env: { HOME: directory, ...FOR_A_MOMENT },
    }).then(
      ({ stdout }) => `${valueOf('name', stdout)} ${valueOf('version', stdout)}`,
      () => 'refused',
    );
    expect(shown).toBe(expected);
  });
});

/** A value of a Chart.yaml as Helm prints it, which puts quotes around what looks like a number. */
function valueOf(member: string, yaml: string): string {
  const value = new RegExp(`^${member}: (.*)$`, 'm').exec(yaml)?.[1] ?? '';
  return value.startsWith('"') || value.startsWith("'") ? value.slice(1, -1) : value;
}
