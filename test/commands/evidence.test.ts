import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, describe } from 'vitest';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { serveBefore } from '../support/front.ts';
import { createSigner } from '../support/signer.ts';
import { evidenceOf } from '../support/world/evidence.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

describe('evidence', () => {
  test('makes the file of a chart that was logged without one, and leaves one that holds', async () => {
    const chart = await world.chart('later');
    await world.runKnowing('upload', chart.path, '--no-evidence');
    const first = await world.runKnowing('evidence', chart.path);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toContain(`Evidence Written: ${evidenceOf(chart)}\n`);
    const written = await readFile(evidenceOf(chart));

    await world.keptChart('grown');
    const second = await world.runKnowing('evidence', chart.path);
    expect(second.stdout).toContain(`Evidence Already There: ${evidenceOf(chart)}\n`);
    expect(await readFile(evidenceOf(chart))).toEqual(written);
  });

  test('makes again what does not hold any more', async () => {
    const chart = await world.keptChart('broken');
    const text = await readFile(evidenceOf(chart), 'utf8');
    const broken = text.replace(/"integratedTime": "([0-9]+)"/, '"integratedTime": "1"');
    expect(broken).not.toBe(text);
    await writeFile(evidenceOf(chart), broken);
    expect((await world.runKnowing('evidence', chart.path)).stdout).toContain('Evidence Written');
    const check = ['evidence', '--check', evidenceOf(chart), ...world.trusting()];
    expect(await world.run(check)).toMatchObject({ status: 0 });
  });

  test('--refresh gets a proof against the newest checkpoint, and changes nothing where there is none', async () => {
    const chart = await world.keptChart('refreshed');
    const [before] = parseEvidence(await readFile(evidenceOf(chart))).entries;
    expect((await world.runKnowing('evidence', chart.path, '--refresh')).stdout).toContain(
      'Evidence Already There',
    );
    await world.keptChart('newer');
    expect((await world.runKnowing('evidence', chart.path, '--refresh')).stdout).toContain(
      'Evidence Written',
    );
    const [after] = parseEvidence(await readFile(evidenceOf(chart))).entries;
    expect(after?.id).toEqual(before?.id);
    expect(after?.proof.size).toBeGreaterThan(before?.proof.size ?? Infinity);
  });

  test('--refresh keeps the older proof where the log does not prove the chart any more', async () => {
    const chart = await world.keptChart('unproven-now');
    const before = await readFile(evidenceOf(chart));
    await world.keptChart('newer-still');
    const front = await serveBefore(world.log, {
      change: (answer, path) =>
        path.endsWith('/retrieve')
          ? { ...answer, body: answer.body.replace(/"integratedTime":[0-9]+/, '"integratedTime":1') }
          : answer,
    });
    const { status } = await world.run(['evidence', chart.path, '--refresh', ...world.knowing(front)]);
    expect(status).toBe(10);
    expect(await readFile(evidenceOf(chart))).toEqual(before);
  });

  test('is not made of a chart that is not logged: status 4, or is not good: status 10', async () => {
    const unlogged = await world.chart('unlogged');
    expect(await world.runKnowing('evidence', unlogged.path)).toMatchObject({ status: 4 });
    const stranger = await world.chart('stranger', await createSigner());
    expect(await world.runKnowing('evidence', stranger.path)).toMatchObject({ status: 10 });
    for (const chart of [unlogged, stranger]) await expect(stat(evidenceOf(chart))).rejects.toThrow('ENOENT');
  });

  test('is made of many charts, and counts those that have it', async () => {
    const charts = await Promise.all(['m1', 'm2', 'm3'].map((name) => world.keptChart(name)));
    await rm(evidenceOf({ path: charts[0]?.path ?? '' }));
    const { status, stderr } = await world.runKnowing('evidence', ...charts.map(({ path }) => path));
    expect(status).toBe(0);
    expect(stderr).toBe('1 proven, 2 already there\n');
  });
});
