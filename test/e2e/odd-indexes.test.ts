import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ODD_INDEXES } from '../support/odd-indexes.ts';
import { FOR_A_MOMENT } from './helm-site.ts';

const helms = inject('helms');
const run = promisify(execFile);

if (helms.length === 0) test.skip('odd indexes are read as Helm reads them (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'odd-indexes-'));
    await mkdir(path.join(directory, 'repository'));
    const repositories = { repositories: [{ name: 'r', url: 'https://charts.example' }] };
    await writeFile(path.join(directory, 'repositories.yaml'), JSON.stringify(repositories));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  test.each(ODD_INDEXES)('takes an index with $what for: $helm', async ({ text, helm: expected }) => {
    await writeFile(path.join(directory, 'repository', 'r-index.yaml'), text);
    const homes = { HELM_CONFIG_HOME: directory, HELM_CACHE_HOME: directory, HELM_DATA_HOME: directory };
    const env = { ...homes, ...FOR_A_MOMENT };
    const { stdout, stderr } = await run(helm.path, ['search', 'repo', '-l', 'r/', '-o', 'json'], { env });
    const found = JSON.parse(stdout) as { name: string; version: string }[];
    const words = found.map(({ name, version }) => `${name.replace('r/', '')} ${version}`).sort();
    expect(/is corrupt or missing/.test(stderr) ? 'refused' : words.join(', ')).toBe(expected);
  });
});
