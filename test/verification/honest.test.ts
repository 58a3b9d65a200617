import { expect, it } from 'vitest';
import { formatTime } from '../../src/encoding.ts';
import { sampled } from '../support/thorough.ts';
import { HostileWorld } from '../support/world/hostile-world.ts';
import { VARIATIONS } from './lies/all.ts';
import { chartAnswer, outcomesWith } from './verdicts.ts';

it.for(sampled(VARIATIONS, 4).map((variation) => [variation.name, variation] as const))(
  '%s is accepted, without history and with a stale one',
  async ([, variation]) => {
    const world = await HostileWorld.open(variation);
    const leaf = await variation.stage(world);
    const ran = await world.run('verify');
    const answer = chartAnswer(ran);

    expect(ran.stderr).toBe('');
    expect(answer).toMatchObject({ status: 0, verdict: 'verified', outcomes: outcomesWith({}) });
    expect(answer.entry?.uuid.slice(-64)).toBe(leaf.hash);
    expect(answer.entry?.integratedTime).toBe(formatTime(leaf.integratedTime));

    // The log has grown since, so what this user remembers of it is stale: the verdict is the same.
    const later = chartAnswer(await world.run('verify'));
    expect(later).toMatchObject({ status: 0, verdict: 'verified' });
    expect(later.entry?.uuid).toBe(answer.entry?.uuid);
  },
);
