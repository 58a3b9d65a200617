import { describe, expect, test } from 'vitest';
import { formatTime } from '../../src/encoding.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { DAY } from '../support/signer.ts';
import { trustedRoot, type TrustedInstance } from '../support/trusted-root.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

const kinds = ['P-256', 'P-384', 'Ed25519', 'RSA-2048'] as const;
const always = { start: LOGGED - 90 * DAY };

async function trust(world: HostileWorld, logs: readonly TrustedInstance[]): Promise<void> {
  world.user.trust = ['--trusted-root', await world.write('trusted_root.json', trustedRoot(logs))];
}

/** A root that names a log of each kind of key; the one that took the chart is among them. */
describe('a trusted root with several logs', () => {
  test.each(kinds)('has the one that signed with %s', async (signed) => {
    const world = await HostileWorld.open();
    const logs = kinds.map((kind) => ({
      kind,
      keys: newLogKeys[kind](),
      url: `https://${kind}.example.com`,
    }));
    await trust(
      world,
      logs.map(({ keys, url }) => ({ keys, url, validFor: always })),
    );
    world.log.addShard(logs.find(({ kind }) => kind === signed)?.keys);
    world.log.fill(3);
    const leaf = world.logChart();
    const answer = chartAnswer(await world.run('verify'));
    expect(answer).toMatchObject({ status: 0, verdict: 'verified' });
    expect(answer.entry?.uuid).toBe(leaf.uuid);
  });

  test('believes each shard of a log by the key of that shard', async () => {
    const world = await HostileWorld.open();
    const shards = [world.log.keys, newLogKeys.Ed25519(), newLogKeys['P-384']()];
    await trust(
      world,
      shards.map((keys) => ({ keys, url: world.server.url, validFor: always })),
    );
    for (const [index, keys] of shards.entries()) {
      if (index > 0) world.log.addShard(keys);
      world.log.fill(2);
      const leaf = world.logChart(LOGGED - index * 60);
      const answer = chartAnswer(await world.run('verify'));
      expect(answer).toMatchObject({ status: 0, entry: { integratedTime: formatTime(leaf.integratedTime) } });
    }
  });

  test('does not believe one shard by the key of another', async () => {
    const world = await HostileWorld.open();
    const [first, second] = [world.log.keys, newLogKeys['P-256']()];
    await trust(
      world,
      [first, second].map((keys) => ({ keys, url: world.server.url, validFor: always })),
    );
    world.logChart();
    world.log.beforeSigning = (said) => ({ ...said, keys: { promise: second, checkpoint: second } });
    expect(chartAnswer(await world.run('verify'))).toMatchObject({
      status: 10,
      outcomes: { 'log-key': 'passed', 'inclusion-promise': 'failed', checkpoint: 'failed' },
    });
  });
});

describe('a key that was rotated', () => {
  const rotation = LOGGED;
  /** Logs the chart with the old key at this time, under a root that gives that key an end. */
  async function loggedAt(time: number) {
    const world = await HostileWorld.open();
    await trust(world, [
      { url: world.server.url, keys: world.log.keys, validFor: { ...always, end: rotation } },
      { url: world.server.url, keys: newLogKeys['P-256'](), validFor: { start: rotation } },
    ]);
    world.logChart(time);
    return chartAnswer(await world.run('verify'));
  }

  test('still proves what it signed before', async () => {
    expect(await loggedAt(rotation - 1)).toMatchObject({ status: 0, verdict: 'verified' });
    expect(await loggedAt(rotation)).toMatchObject({ status: 0, verdict: 'verified' });
  });

  test('proves nothing that it signs later', async () => {
    expect(await loggedAt(rotation + 1)).toMatchObject({ status: 10, outcomes: { 'log-key': 'failed' } });
  });
});
