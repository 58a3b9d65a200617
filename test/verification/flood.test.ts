import { describe, expect, it } from 'vitest';
import type { Leaf } from '../support/hostile-log.ts';
import { DAY } from '../support/signer.ts';
import { floodWith, MOST_FOUND as MOST, others } from '../support/world/flood.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

/** Enough where the number does not matter. */
const MANY = 2_000;

describe('thousands of entries for one archive', { timeout: 60_000 }, () => {
  it('do not hide the good one, the last of ten thousand', async () => {
    const world = await HostileWorld.open();
    const leaf = logUnpredicted(world, 2, LOGGED);
    const traffic = floodWith(world, [...others(world, MOST - 1), leaf]);
    const answer = chartAnswer(await world.run('verify'));

    expect(answer).toMatchObject({ status: 0, verdict: 'verified', entry: { uuid: leaf.uuid } });
    // Ten are named, all are counted.
    expect(answer.others).toHaveLength(10);
    expect(answer.othersNotShown).toBe(MOST - 1 - 10);
    expect(traffic.asked).toEqual(Array.from({ length: MOST / 10 }, () => 10));
    expect(traffic.mostAtOnce).toBe(4);
  });

  it('do not hide the earliest of several good ones among them', async () => {
    const world = await HostileWorld.open();
    const [late, early, later] = [LOGGED + DAY, LOGGED, LOGGED + 2 * DAY].map((time, i) =>
      logUnpredicted(world, i + 2, time),
    ) as [Leaf, Leaf, Leaf];
    const part = MANY / 4;
    floodWith(world, [
      ...others(world, part),
      late,
      ...others(world, 2 * part, part),
      early,
      ...others(world, 3 * part, 2 * part),
      later,
    ]);
    const answer = chartAnswer(await world.run('verify'));

    expect(answer).toMatchObject({ status: 0, verdict: 'verified', entry: { uuid: early.uuid } });
    expect(answer.others).toHaveLength(10);
    expect(answer.othersNotShown).toBe(3 * part + 2 - 10);
  });

  it('and none of them good: ten are named, the others counted', async () => {
    const world = await HostileWorld.open();
    world.user.output = 'text';
    floodWith(world, others(world, MANY));
    const { status, stdout, stderr } = await world.run('verify');

    expect(status).toBe(4);
    expect(
      stdout.match(/^Other Entry: [0-9a-f]{80} \(a helm entry with another signature\)$/gm),
    ).toHaveLength(10);
    expect(stdout).toContain('\nOther Entries Not Shown: 1990\n');
    expect(stderr).toContain(' (2000 other entries name this archive)\n');
  });

  it('and one more are a flood: the chart is not checked', async () => {
    const world = await HostileWorld.open();
    const leaf = logUnpredicted(world, 2, LOGGED);
    const traffic = floodWith(world, [leaf, ...others(world, MOST)]);

    expect(chartAnswer(await world.run('verify'))).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
    expect(traffic.asked).toEqual([]);
  });
});

/** Logs the chart in a form that only the index can find: with so many copies of the certificate. */
function logUnpredicted(world: HostileWorld, copies: number, integratedTime: number): Leaf {
  const certificateBytes = Buffer.concat(Array.from({ length: copies }, () => world.minimised()));
  return world.log.append(world.body({ certificateBytes }), { integratedTime });
}
