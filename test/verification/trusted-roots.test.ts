import { describe, expect, test } from 'vitest';
import { formatTime } from '../../src/encoding.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { DAY } from '../support/signer.ts';
import { trustedRoot, type TrustedInstance } from '../support/trusted-root.ts';
import { LOGGED, Scene } from './scene.ts';
import { chartAnswer } from './verdicts.ts';

const kinds = ['P-256', 'P-384', 'Ed25519', 'RSA-2048'] as const;
const always = { start: LOGGED - 90 * DAY };

async function trust(scene: Scene, logs: readonly TrustedInstance[]): Promise<void> {
  scene.trust = ['--trusted-root', await scene.write('trusted_root.json', trustedRoot(logs))];
}

/** A root that names a log of each kind of key; the one that took the chart is among them. */
describe('a trusted root with several logs', () => {
  test.each(kinds)('has the one that signed with %s', async (signed) => {
    const scene = await Scene.open();
    const logs = kinds.map((kind) => ({
      kind,
      keys: newLogKeys[kind](),
      url: `https://${kind}.example.com`,
    }));
    await trust(
      scene,
      logs.map(({ keys, url }) => ({ keys, url, validFor: always })),
    );
    scene.log.addShard(logs.find(({ kind }) => kind === signed)?.keys);
    scene.log.fill(3);
    const leaf = scene.logChart();
    const answer = chartAnswer(await scene.run('verify'));
    expect(answer).toMatchObject({ status: 0, verdict: 'verified' });
    expect(answer.entry?.uuid).toBe(leaf.uuid);
  });

  test('believes each shard of a log by the key of that shard', async () => {
    const scene = await Scene.open();
    const shards = [scene.log.keys, newLogKeys.Ed25519(), newLogKeys['P-384']()];
    await trust(
      scene,
      shards.map((keys) => ({ keys, url: scene.server.url, validFor: always })),
    );
    for (const [index, keys] of shards.entries()) {
      if (index > 0) scene.log.addShard(keys);
      scene.log.fill(2);
      const leaf = scene.logChart(LOGGED - index * 60);
      const answer = chartAnswer(await scene.run('verify'));
      expect(answer).toMatchObject({ status: 0, entry: { integratedTime: formatTime(leaf.integratedTime) } });
    }
  });

  test('does not believe one shard by the key of another', async () => {
    const scene = await Scene.open();
    const [first, second] = [scene.log.keys, newLogKeys['P-256']()];
    await trust(
      scene,
      [first, second].map((keys) => ({ keys, url: scene.server.url, validFor: always })),
    );
    scene.logChart();
    scene.log.beforeSigning = (said) => ({ ...said, keys: { promise: second, checkpoint: second } });
    expect(chartAnswer(await scene.run('verify'))).toMatchObject({
      status: 10,
      outcomes: { 'log-key': 'passed', 'inclusion-promise': 'failed', checkpoint: 'failed' },
    });
  });
});

describe('a key that was rotated', () => {
  const rotation = LOGGED;
  /** Logs the chart with the old key at this time, under a root that gives that key an end. */
  async function loggedAt(time: number) {
    const scene = await Scene.open();
    await trust(scene, [
      { url: scene.server.url, keys: scene.log.keys, validFor: { ...always, end: rotation } },
      { url: scene.server.url, keys: newLogKeys['P-256'](), validFor: { start: rotation } },
    ]);
    scene.logChart(time);
    return chartAnswer(await scene.run('verify'));
  }

  test('still proves what it signed before', async () => {
    expect(await loggedAt(rotation - 1)).toMatchObject({ status: 0, verdict: 'verified' });
    expect(await loggedAt(rotation)).toMatchObject({ status: 0, verdict: 'verified' });
  });

  test('proves nothing that it signs later', async () => {
    expect(await loggedAt(rotation + 1)).toMatchObject({ status: 10, outcomes: { 'log-key': 'failed' } });
  });
});
