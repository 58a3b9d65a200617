import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, describe } from 'vitest';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { evidenceOf, uploadOne } from '../support/world/evidence.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

describe('upload', () => {
  test('keeps what the log proved beside the chart, for everybody to read', async () => {
    const chart = await world.chart('kept');
    const { status, stdout } = await world.runKnowing('upload', chart.path);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toContain(`Evidence: ${evidenceOf(chart)}`);
    const { log, entries } = parseEvidence(await readFile(evidenceOf(chart)));
    expect(log).toBe(world.log.url);
    expect(entries.map(({ id }) => id.text)).toEqual([/([0-9a-f]{80})\n/.exec(stdout)?.[1]]);
    // Whoever may read the chart may read it.
    expect((await stat(evidenceOf(chart))).mode & 0o777).toBe((await stat(chart.path)).mode & 0o777);
    expect(await readdir(dirname(chart.path))).toHaveLength(4);
  });

  test('a second time changes no byte of it', async () => {
    const chart = await world.keptChart('again');
    const before = await readFile(evidenceOf(chart));
    await world.keptChart('in-between');
    expect(await uploadOne(world, chart.path)).toMatchObject({
      status: 0,
      outcome: 'exists',
      evidence: { path: evidenceOf(chart), outcome: 'unchanged' },
    });
    expect(await readFile(evidenceOf(chart))).toEqual(before);
  });

  test('makes it for a chart that was there already', async () => {
    const chart = await world.keptChart('there-already');
    await rm(evidenceOf(chart));
    expect(await uploadOne(world, chart.path)).toMatchObject({
      outcome: 'exists',
      evidence: { outcome: 'written' },
    });
    expect(parseEvidence(await readFile(evidenceOf(chart))).entries[0]?.id.text).toBe(chart.uuid);
  });

  test('writes it to --evidence, and nowhere with --no-evidence or --dry-run', async () => {
    const named = await world.chart('named');
    const elsewhere = join(world.directory, 'elsewhere.json');
    expect(await uploadOne(world, named.path, '--evidence', elsewhere)).toMatchObject({
      evidence: { path: elsewhere, outcome: 'written' },
    });
    await expect(stat(evidenceOf(named))).rejects.toThrow('ENOENT');

    const none = await world.chart('none');
    expect(await uploadOne(world, none.path, '--dry-run')).not.toHaveProperty('evidence');
    expect(await uploadOne(world, none.path, '--no-evidence')).not.toHaveProperty('evidence');
    expect(await uploadOne(world, none.path, '--evidence', elsewhere, '--no-evidence')).not.toHaveProperty(
      'evidence',
    );
    await expect(stat(evidenceOf(none))).rejects.toThrow('ENOENT');
  });

  test('takes one --evidence for one chart', async () => {
    const one = await world.chart('one');
    const other = await world.chart('other');
    const { status, stderr } = await world.runKnowing('upload', one.path, other.path, '--evidence', 'a.json');
    expect(status).toBe(2);
    expect(stderr).toContain('--evidence names the evidence of one chart, but several charts were given');
  });

  test('writes nothing for a chart that is refused', async () => {
    const chart = await world.chart('refused');
    await writeFile(chart.path, Buffer.concat([chart.archive, Buffer.from('x')]));
    expect(await uploadOne(world, chart.path)).toMatchObject({ status: 10, outcome: 'refused' });
    await expect(stat(evidenceOf(chart))).rejects.toThrow('ENOENT');
  });

  // Root may write wherever there is a file system that can be written; to that of the kernel nobody may.
  const isRoot = process.getuid?.() === 0;
  test.skipIf(isRoot && process.platform !== 'linux')(
    'succeeds where it may not write, and says so (needs Linux, or a user that is not root)',
    async () => {
      const chart = await world.chart('unwritable');
      const path = isRoot ? '/sys/evidence.json' : evidenceOf(chart);
      await chmod(dirname(chart.path), 0o555);
      const { status, stdout } = await world.runKnowing('upload', chart.path, '--evidence', path);
      await chmod(dirname(chart.path), 0o755);
      expect(status).toBe(0);
      expect(stdout).toContain(`Warning: no evidence was written: cannot write ${path}: EACCES`);
    },
  );

  test('succeeds where there is no directory for it, and says so', async () => {
    const chart = await world.chart('no-directory');
    const path = join(world.directory, 'not', 'there.json');
    expect(await uploadOne(world, chart.path, '--evidence', path)).toMatchObject({
      status: 0,
      outcome: 'created',
      evidence: { path, outcome: 'not-written', reason: expect.stringContaining('ENOENT') as string },
    });
  });
});
