import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveLog } from '../support/hostile-api.ts';
import type { Leaf } from '../support/hostile-log.ts';
import { pretendOlder } from '../support/rewritten-log.ts';
import { NOW, type HostileWorld } from '../support/world/hostile-world.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

const LOG = 'GET /api/v1/log';
const HOUR = 3600;

/** A user who has seen a tree of a log, and what the log lists. */
async function afterListing(): Promise<ReturningUser> {
  const user = await afterLooking();
  await user.info();
  return user;
}

/** A user who has seen a tree of a log. */
async function afterLooking(): Promise<ReturningUser> {
  const user = await ReturningUser.open();
  user.world.log.fill(7);
  await user.run();
  return user;
}

/** Logs the chart two days later as if it were older, in the tree that was begun last, and hides its true entry. */
function dateBack({ world }: ReturningUser): Leaf {
  world.user.now = NOW + 48 * HOUR;
  const leaf = world.logAsOld();
  world.log.fill(3);
  return leaf;
}

/** The same in a tree that the log lists as one that was frozen before the others. */
function dateBackAsFrozen(user: ReturningUser): void {
  dateBack(user);
  pretendOlder(user.world.log);
}

/** The leaf of the chart in the active tree. */
function leafOfChart({ log, predicted }: HostileWorld): Leaf {
  const leaf = log.active.leaves.find(({ hash }) => hash === predicted);
  if (leaf === undefined) throw new Error('the chart is not logged');
  return leaf;
}

/** Says that there is no tree but the last one. */
function showOnlyActive({ world: { log } }: ReturningUser): () => void {
  const hidden = log.shards.splice(0, log.shards.length - 1);
  return () => {
    log.shards.unshift(...hidden);
  };
}

/** Has it that the clocks did not agree when trees were listed. */
async function forgetTimes({ history }: ReturningUser): Promise<void> {
  const directory = join(history, 'listings');
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'utf8');
    await writeFile(join(directory, name), text.replaceAll(/"seen": "[^"]{20}",/g, ''));
  }
}

const rejected = { status: 10, verdict: 'rejected', outcomes: { 'log-time': 'failed' } };
const verified = { status: 0, verdict: 'verified', stderr: '', outcomes: { 'log-time': 'passed' } };

describe('an entry that is dated back in a tree of its own', () => {
  it('is found out where the tree is listed as an old one, and was not listed before', async () => {
    const user = await afterListing();
    user.world.log.fill(5);
    user.world.log.addShard();
    dateBackAsFrozen(user);
    expect(await user.run('verify', '--require-consistency')).toMatchObject(rejected);
    // By now the tree is listed and has been seen: that it is younger is not forgotten.
    expect(await user.run()).toMatchObject(rejected);
    expect(await user.evidence()).toEqual([]);
  });

  it('is found out by what verify alone was listed, when a tree was new to it', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    await user.run();
    log.addShard();
    const honest = log.append(user.world.body(), { integratedTime: NOW + HOUR, indexed: false });
    log.answerInstead(user.world.predicted, honest);
    user.world.user.now = NOW + 2 * HOUR;
    expect(await user.run()).toMatchObject(verified);
    log.fill(4);
    log.addShard();
    dateBackAsFrozen(user);
    expect(await user.run()).toMatchObject(rejected);
  });

  it('is found out where the tree was listed as the last one, and is said to be an old one since', async () => {
    const user = await afterLooking();
    user.world.log.fill(5);
    user.world.log.addShard();
    const leaf = dateBack(user);
    await user.info();
    pretendOlder(user.world.log);
    user.world.log.answerInstead(user.world.predicted, leaf);
    expect(await user.run()).toMatchObject(rejected);
  });

  it('is found out in an empty tree that the log has listed in reserve', async () => {
    const user = await afterLooking();
    const { log } = user.world;
    log.addShard();
    pretendOlder(log);
    await user.info();
    log.fill(5);
    log.shards.reverse();
    dateBack(user);
    log.shards.reverse();
    expect(await user.run()).toMatchObject(rejected);
  });

  it('is not verified in a tree that was listed in reserve at a size that it did not have', async () => {
    const user = await afterLooking();
    const { log } = user.world;
    log.addShard();
    log.fill(1);
    pretendOlder(log);
    // No trusted key signs the tree in reserve yet.
    const head = log.head.bind(log);
    log.head = (shard) => (shard === log.active ? head(shard) : 'log.test - 1\n1\nAAAA\n\n— log.test AAAA\n');
    await user.info();
    log.head = head;
    log.fill(5);
    log.shards.reverse();
    dateBack(user);
    // The clocks did not agree when it was listed.
    await forgetTimes(user);
    log.shards.reverse();
    expect(await user.run()).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
  });

  it('is not verified where the log does not list the tree at all', async () => {
    const user = await afterLooking();
    const { log } = user.world;
    log.fill(5);
    log.addShard();
    dateBack(user);
    log.shards.pop();
    expect(await user.run()).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
    expect(await user.run()).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
  });

  it('is not found out by a user to whom the log never listed its trees before', async () => {
    const user = await afterLooking();
    const { log } = user.world;
    log.fill(5);
    log.addShard();
    dateBackAsFrozen(user);
    expect(await user.run()).toMatchObject(verified);
  });
});

describe('an honest log that listed its trees before', () => {
  it('is believed about a frozen tree that is met later, and was listed', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    const { log, predicted } = world;
    const old = leafOfChart(world);
    log.addShard();
    log.answerInstead(predicted, log.append(user.world.body(), { integratedTime: NOW, indexed: false }));
    await user.run();
    await user.info();
    log.fill(5);
    user.world.user.now = NOW + 48 * HOUR;
    await user.run();
    log.fill(5);
    log.answerInstead(predicted, old);
    expect(await user.run()).toMatchObject(verified);
  });

  it('is believed about rotations that are seen late', async () => {
    const user = await afterListing();
    const { world } = user;
    const { log, predicted } = world;
    log.fill(5);
    log.addShard();
    const between = log.append(world.body(), { integratedTime: NOW + 24 * HOUR, indexed: false });
    log.fill(5);
    log.addShard();
    log.fill(2);
    world.user.now = NOW + 96 * HOUR;
    await user.info();
    log.fill(2);
    world.user.now = NOW + 120 * HOUR;
    await user.info();
    log.answerInstead(predicted, between);
    expect(await user.run()).toMatchObject(verified);
  });

  it('is believed by a user of a mirror that lists fewer trees', async () => {
    const user = await afterListing();
    const { world } = user;
    const { log, predicted } = world;
    log.fill(2);
    log.addShard();
    const leaf = log.append(world.body(), { integratedTime: NOW + 24 * HOUR, indexed: false });
    world.user.now = NOW + 48 * HOUR;
    await user.info();
    const mirror = await serveLog(log);
    mirror.intercept = world.server.intercept;
    const show = showOnlyActive(user);
    world.user.options = ['--rekor-server', mirror.url];
    await user.info();
    log.fill(3);
    world.user.now += 24 * HOUR;
    await user.info();
    show();
    log.fill(3);
    log.answerInstead(predicted, leaf);
    expect(await user.run()).toMatchObject(verified);
    world.user.options = [];
    expect(await user.run()).toMatchObject(verified);
  });

  it('is believed when a replica that lags still lists the old tree as the one that grows', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    const { log, predicted } = world;
    const old = leafOfChart(world);
    await user.info();
    log.addShard();
    log.answerInstead(predicted, log.append(world.body(), { integratedTime: NOW, indexed: false }));
    await user.run();
    log.fill(5);
    world.user.now = NOW + 48 * HOUR;
    await user.run();
    log.answerInstead(predicted, old);
    log.shards.reverse();
    expect(await user.run()).toMatchObject(verified);
  });
});

describe('the trees that a log listed', () => {
  it('are not asked for where it is known already which tree is the younger one', async () => {
    const user = await afterListing();
    user.world.log.fill(5);
    user.world.log.addShard();
    dateBackAsFrozen(user);
    expect((await user.run()).asked).toContain(LOG);
    expect((await user.run()).asked).not.toContain(LOG);
  });

  it('are lost, with a warning, when their file is damaged, and learnt again', async () => {
    const user = await afterListing();
    const directory = join(user.history, 'listings');
    const [name = ''] = await readdir(directory);
    const path = join(directory, name);
    const text = await readFile(path, 'utf8');
    for (const damaged of ['', text.slice(0, 40), text.replace('http', 'hppt')]) {
      await writeFile(path, damaged);
      const round = await user.run();
      expect(round).toMatchObject({ status: 0, verdict: 'verified' });
      expect(round.stderr).toMatch(/^Warning: what http:.* listed before is lost: .*\n$/);
    }
    await user.info();
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await user.run()).toMatchObject({ status: 0, stderr: '' });
  });

  it('cost no request, and leave no file, until something depends on them', async () => {
    const user = await ReturningUser.open();
    expect((await user.run()).asked).not.toContain(LOG);
    user.world.log.fill(3);
    expect((await user.run()).asked).not.toContain(LOG);
    expect(await readdir(user.history)).not.toContain('listings');
  });
});
