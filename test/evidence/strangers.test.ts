import { describe, expect, test } from 'vitest';
import { publicKeyPem, serveLog } from '../support/hostile-api.ts';
import { HostileLog, type Leaf } from '../support/hostile-log.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { ReturningUser } from '../support/world/returning-user.ts';
import { LOGGED } from '../support/world/hostile-world.ts';
import { copiesWith, keepBeside, keptEntry } from './kept.ts';

/** A user who has seen the log, and whose chart has evidence beside it. */
async function returning(): Promise<{ user: ReturningUser; leaf: Leaf }> {
  const user = await ReturningUser.open();
  const { log } = user.world;
  const leaf = log.active.leaves.find(({ hash }) => hash === user.world.predicted);
  if (leaf === undefined) throw new Error('the chart is not logged');
  await user.info();
  return { user, leaf };
}

/** The log of somebody who has its key, with trees that it never had. */
function thief({ log, body }: { log: HostileLog; body: Uint8Array }): { log: HostileLog; leaf: Leaf } {
  const other = new HostileLog(log.keys);
  for (let trees = 0; trees < 3; trees++) other.addShard();
  other.fill(2);
  const leaf = other.append(body, { integratedTime: LOGGED });
  other.fill(3);
  return { log: other, leaf };
}

describe('evidence of a tree that the log does not list', () => {
  test('is not held to be consistent with the trees that it lists', async () => {
    const { user } = await returning();
    const { world } = user;
    const { log, leaf } = thief({ log: world.log, body: world.body() });
    await keepBeside(world, keptEntry(log, leaf));
    const strict = await user.run('verify', '--require-consistency');
    expect(strict).toMatchObject({ status: 5, code: 'UNCHECKED' });
    const lax = await user.run();
    expect(lax).toMatchObject({ status: 0, verdict: 'verified' });
    expect(lax.outcomes?.['consistency']).toContain('does not list');
    expect(await user.evidence()).toEqual([]);
  });

  test('nor is that of a tree that is listed, where its checkpoint is not one of that tree', async () => {
    const { user } = await returning();
    const { world } = user;
    const { log, leaf } = thief({ log: world.log, body: world.body() });
    await keepBeside(world, keptEntry(log, leaf));
    // The log begins the same tree, with other leaves.
    for (let trees = 0; trees < 3; trees++) {
      world.log.addShard();
      world.log.fill(1);
    }
    world.log.fill(20);
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });

  test('a tree that is listed and was not seen before is held against what is listed', async () => {
    const { user } = await returning();
    const { world } = user;
    world.log.addShard();
    const leaf = world.log.append(world.body(), { integratedTime: LOGGED });
    const early = keptEntry(world.log, leaf);
    world.log.fill(4);
    await keepBeside(world, early);
    const ran = await user.run('verify', '--require-consistency');
    expect(ran).toMatchObject({ status: 0, outcomes: { consistency: 'passed' } });
  });
});

test('evidence of a tree that the log does not list costs its list, however many entries it has', async () => {
  const { user } = await returning();
  const { world } = user;
  const { log, leaf } = thief({ log: world.log, body: world.body() });
  log.fill(30);
  const entries = Array.from({ length: 16 }, (_, less) => keptEntry(log, leaf, log.active.tree.size - less));
  await keepBeside(world, ...entries);
  expect(await user.run()).toMatchObject({ status: 0, asked: ['GET /api/v1/log'] });
});

describe('an honest log is not accused because of what a stranger kept of it', () => {
  test('of the time when it was empty', async () => {
    const { user, leaf } = await returning();
    const { world } = user;
    world.log.beforeSigning = (said) => ({
      ...said,
      proof: { ...said.proof, treeSize: 0, rootHash: leaf.shard.tree.root(0), hashes: [] },
      checkpoint: { ...said.checkpoint, size: 0, rootHash: leaf.shard.tree.root(0) },
    });
    const empty = keptEntry(world.log, leaf);
    world.log.beforeSigning = (said) => said;
    await keepBeside(world, empty);
    for (const options of [['--offline'], []]) {
      const ran = await user.run('verify', ...options);
      expect(ran).toMatchObject({ status: 10, outcomes: { 'inclusion-proof': 'failed' } });
      expect(ran.conflicts).toBeUndefined();
    }
    await keepBeside(world, empty, keptEntry(world.log, leaf));
    expect(await user.run()).toMatchObject({ status: 0 });
    expect(await user.evidence()).toEqual([]);
  });

  test('nor one that has lost a tree before the user saw it', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    const { log, leaf } = thief({ log: world.log, body: world.body() });
    for (const less of [2, 1, 0]) {
      await keepBeside(world, keptEntry(log, leaf, log.active.tree.size - less));
      expect(await user.run()).toMatchObject({ status: 0, conflicts: undefined });
    }
    expect(await user.run('verify', '--offline')).toMatchObject({ status: 0, asked: [] });
    expect(await user.evidence()).toEqual([]);
  });

  test('nor is another log of which it knows nothing, whose key is trusted as well', async () => {
    const { user } = await returning();
    const { world } = user;
    const other = new HostileLog(newLogKeys['P-256']());
    other.addShard();
    other.addShard();
    const leaf = other.append(world.body(), { integratedTime: LOGGED });
    const early = keptEntry(other, leaf);
    other.fill(5);
    world.user.trust.push('--rekor-public-key', await world.write('other.pem', publicKeyPem(other)));
    // The user has seen that one as well.
    const { url } = await serveLog(other);
    world.user.options = ['--rekor-server', url];
    expect((await user.info()).status).toBe(0);
    world.user.options = [];
    await keepBeside(world, early);
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 0 });
    expect(await user.evidence()).toEqual([]);
  });
});

test('a question of one chart to which the log has no answer does not hide the fork in the evidence of the next', async () => {
  const { user, leaf } = await returning();
  const { world } = user;
  const { log, leaf: unlisted } = thief({ log: world.log, body: world.body() });
  const fork = new HostileLog(world.log.keys);
  fork.fill(2);
  const forged = fork.append(world.body(), { integratedTime: leaf.integratedTime });
  world.server.intercept = (path, response, _, query) => {
    if (path !== 'GET /api/v1/log/proof' || query.get('treeID') !== log.active.treeId) return false;
    response.writeHead(404).end('{"code":404,"message":"no such tree"}');
    return true;
  };
  const paths = await copiesWith(world, [
    keptEntry(log, unlisted),
    keptEntry(log, unlisted, log.active.tree.size - 1),
    keptEntry(fork, forged),
  ]);
  const ran = await user.run('verify', ...paths);
  expect(ran.status).toBe(10);
});
