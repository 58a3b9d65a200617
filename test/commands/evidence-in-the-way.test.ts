import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceOf, uploadOne } from '../support/world/evidence.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** Puts the entries of one evidence file into another one. */
async function addEntriesOf(from: string, to: string): Promise<void> {
  const [source, target] = (await Promise.all(
    [from, to].map(async (path) => JSON.parse(await readFile(path, 'utf8')) as unknown),
  )) as [{ entries: unknown[] }, { entries: unknown[] }];
  await writeFile(to, JSON.stringify({ ...target, entries: [...target.entries, ...source.entries] }));
}

describe('what stands in the place of evidence is not overwritten:', () => {
  const OTHERS: Readonly<Record<string, (path: string) => unknown>> = {
    'a text': (path) => writeFile(path, 'my notes\n'),
    'an empty file': (path) => writeFile(path, ''),
    'half a file': async (path) => {
      const whole = await readFile(evidenceOf(await world.keptChart('whole')));
      await writeFile(path, whole.subarray(0, 500));
    },
    'a directory': (path) => mkdir(path),
    'a link to nothing': (path) => symlink('/nonexistent/target', path),
    'a link to other evidence': async (path) => {
      await symlink(evidenceOf(await world.keptChart('linked')), path);
    },
    'a pipe': (path) => execFileSync('mkfifo', [path]),
    'evidence of another chart': async (path) => {
      await writeFile(path, await readFile(evidenceOf(await world.keptChart('foreign'))));
    },
    'evidence of a newer version': (path) =>
      writeFile(path, '{"mediaType":"application/vnd.helm-sigstore.evidence.v2+json"}'),
  };

  test.skipIf(process.platform === 'win32').each(Object.entries(OTHERS))(
    '%s (needs a Unix)',
    async (name, place) => {
      const chart = await world.chart(name.replaceAll(' ', '-'));
      await place(evidenceOf(chart));
      const before = execFileSync('ls', ['-il', dirname(chart.path)]).toString();
      expect(await uploadOne(world, chart.path)).toMatchObject({
        status: 0,
        outcome: 'created',
        evidence: { path: evidenceOf(chart), outcome: 'not-written' },
      });
      expect(await world.runKnowing('evidence', chart.path)).toMatchObject({ status: 3, stdout: '' });
      expect(execFileSync('ls', ['-il', dirname(chart.path)]).toString()).toBe(before);
    },
  );

  test.each([
    ['evidence of another log, which it names', false],
    ['the same, where an entry of another chart from this log is beside it', true],
  ])('%s', async (_, isMixed) => {
    const other = await World.open();
    try {
      const chart = await world.keptChart(isMixed ? 'mixed' : 'two-logs');
      if (isMixed) await addEntriesOf((await other.keptChart('beside')).evidence, chart.evidence);
      const before = await readFile(evidenceOf(chart));
      const { status, stdout } = await world.run([
        'upload',
        chart.path,
        ...other.trusting(),
        '--keyring',
        world.keyring,
      ]);
      expect(status).toBe(0);
      expect(stdout).toContain(
        `Warning: no evidence was written: ${evidenceOf(chart)} is evidence of another log, ${world.log.url}`,
      );
      expect(await readFile(evidenceOf(chart))).toEqual(before);
    } finally {
      await other.close();
    }
  });
});
