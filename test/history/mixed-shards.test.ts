import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { serveLog } from '../support/hostile-api.ts';
import type { Leaf } from '../support/hostile-log.ts';
import { moveTree } from '../support/rewritten-log.ts';
import { DAY } from '../support/signer.ts';
import { LOGGED, NOW } from '../support/world/hostile-world.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

const HOUR = 3600;

/** The same leaf in an old tree and in the one that grows, at other places and other times. */
interface TwoShards {
  readonly user: ReturningUser;
  readonly old: Leaf;
  readonly active: Leaf;
}

async function inTwoShards(): Promise<TwoShards> {
  const user = await ReturningUser.open();
  const { log } = user.world;
  const old = log.active.leaves.find(({ hash }) => hash === user.world.predicted);
  if (old === undefined) throw new Error('the chart is not logged');
  log.addShard();
  log.fill(2);
  const active = log.append(user.world.body(), { integratedTime: LOGGED + DAY });
  log.fill(9);
  return { user, old, active };
}

/** Somebody on the way joins the promise of one leaf with the proof of the other, each of them true. */
function mix({ user }: TwoShards, promiseOf: Leaf, proofOf: Leaf): void {
  const { log, predicted } = user.world;
  log.answerInstead(predicted, proofOf);
  log.beforeSigning = (said) => {
    const { integratedTime, logIndex } = log.truth(promiseOf);
    return said.uuid === proofOf.uuid ? { ...said, integratedTime, logIndex } : said;
  };
}

function unmix({ user, old, active }: TwoShards): void {
  const { log, predicted } = user.world;
  log.answerInstead(predicted, old, active);
  log.beforeSigning = (said) => said;
}

const directions = [
  ['the old promise and the new proof', ({ old, active }: TwoShards) => [old, active]],
  ['the new promise and the old proof', ({ old, active }: TwoShards) => [active, old]],
] as const;

describe('a promise of one tree beside a proof of another accuses nobody', () => {
  it.each(directions)('in any later run: %s', async (_, choose) => {
    const shards = await inTwoShards();
    const [promise, proof] = choose(shards) as [Leaf, Leaf];
    const { user } = shards;
    // An index below the local one cannot be.
    const isPossible = promise.shard.offset + promise.index >= proof.index;
    mix(shards, promise, proof);
    expect((await user.run()).status).toBe(isPossible ? 0 : 10);

    unmix(shards);
    for (const grown of [0, 7, 0]) {
      user.world.log.fill(grown);
      user.settings.now += 2 * HOUR;
      expect(await user.run()).toMatchObject({ status: 0, stderr: '', conflicts: undefined });
    }
    expect(await user.evidence()).toEqual([]);
  });

  it.each(directions)('where the old tree was seen before: %s', async (_, choose) => {
    const shards = await inTwoShards();
    const { user, old } = shards;
    const { log, predicted } = user.world;
    log.answerInstead(predicted, old);
    await user.run();
    mix(shards, ...(choose(shards) as [Leaf, Leaf]));
    await user.run();
    unmix(shards);
    expect(await user.run()).toMatchObject({ status: 0, stderr: '' });
    expect(await user.evidence()).toEqual([]);
  });

  it('also where it fails for its time, which an honest answer does not', async () => {
    const shards = await inTwoShards();
    const { user, old, active } = shards;
    const { log, predicted } = user.world;
    // The user sees the new tree before the chart is in it again.
    log.answerInstead(predicted, active);
    log.beforeSigning = () => log.truth(active, active.index + 1);
    await user.run();
    log.fill(1);
    user.settings.now += 2 * HOUR;
    const later = log.append(user.world.body(), { integratedTime: user.settings.now, indexed: false });
    mix(shards, old, later);
    log.indexed = [];
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { 'log-time': 'failed' } });
    unmix(shards);
    expect(await user.run()).toMatchObject({ status: 0, stderr: '' });
    expect(await user.evidence()).toEqual([]);
  });
});

describe('where a tree begins', () => {
  it('is not read from the file of an earlier version, which took it for proven', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const stored = JSON.parse(await readFile(user.file, 'utf8')) as object;
    await writeFile(user.file, JSON.stringify({ ...stored, offset: 4 }));
    user.world.log.addShard();
    user.world.log.fill(3);
    user.world.log.append(user.world.body(), { integratedTime: LOGGED + DAY });
    user.settings.now = NOW + 2 * HOUR;
    expect(await user.run()).toMatchObject({ status: 0, stderr: '' });
    expect(await user.evidence()).toEqual([]);
  });

  it('may be told otherwise by another server of the same tree', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const { world } = user;
    const mirror = await serveLog(world.log);
    moveTree(world.log, 40);
    world.user.options = ['--rekor-server', mirror.url];
    expect(await user.run()).toMatchObject({ status: 0, stderr: '', outcomes: { consistency: 'passed' } });
    world.user.options = [];
    moveTree(world.log, 0);
    expect(await user.run()).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('an entry in an older tree', () => {
  it('is accepted by a user who saw the newer one grow first', async () => {
    const shards = await inTwoShards();
    const { user, old, active } = shards;
    const { log, predicted } = user.world;
    log.answerInstead(predicted, active);
    await user.run();
    log.fill(30);
    user.settings.now += 2 * HOUR;
    await user.run();
    log.fill(3);
    user.settings.now += 2 * HOUR;
    await user.run();
    log.answerInstead(predicted, old);
    expect(await user.run()).toMatchObject({ status: 0, stderr: '', outcomes: { 'log-time': 'passed' } });
    expect(await user.run()).toMatchObject({ status: 0, stderr: '', outcomes: { 'log-time': 'passed' } });
  });
});
