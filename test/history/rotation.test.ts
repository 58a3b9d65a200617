import { describe, expect, it } from 'vitest';
import { moveTree, replaceLeaf, startAnew } from '../support/rewritten-log.ts';
import { LOGGED, NOW } from '../support/world/hostile-world.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

const ENTRIES = 'POST /api/v1/log/entries/retrieve';
const LOG = 'GET /api/v1/log';
const PROOF = 'GET /api/v1/log/proof';
const HOUR = 3600;

/** A user who has seen the only tree of a log, with this many entries; the chart is in the next tree alone. */
async function beforeRotation(): Promise<ReturningUser> {
  const user = await ReturningUser.open();
  user.world.log.fill(7);
  await user.run();
  return user;
}

/** Two days later the tree is frozen, after some more entries, and the log has the chart in a new one alone. */
function rotate({ world }: ReturningUser, more = 5): void {
  const { log, predicted } = world;
  world.user.now = NOW + 48 * HOUR;
  log.fill(more);
  log.addShard();
  log.fill(3);
  log.indexed = [];
  const leaf = log.append(world.body(), { integratedTime: NOW + 24 * HOUR, indexed: false });
  log.answerInstead(predicted, leaf);
}

describe('a new tree of a log', () => {
  it('is accepted with the proof that the old one is still there, once', async () => {
    const user = await beforeRotation();
    rotate(user);
    expect(await user.run()).toMatchObject({
      status: 0,
      stderr: '',
      asked: [ENTRIES, LOG, PROOF],
      outcomes: { consistency: 'passed' },
    });
    expect(await user.remembered()).toMatchObject({ size: 4 });
    expect(await user.run()).toMatchObject({ status: 0, asked: [ENTRIES] });
  });

  it('needs no proof when the old one did not grow', async () => {
    const user = await beforeRotation();
    rotate(user, 0);
    expect(await user.run()).toMatchObject({ status: 0, asked: [ENTRIES, LOG] });
  });

  it('is rejected when the old one has vanished', async () => {
    const user = await beforeRotation();
    startAnew(user.world.log);
    user.world.logChart();
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, verdict: 'rejected', outcomes: { consistency: 'failed' } });
    expect(round.stderr).toContain('shows another tree, and no longer the one seen before');
    expect(round.conflicts?.[0]?.before).toContain('\n20\n');
    expect(await user.evidence()).toEqual([expect.stringMatching(/-20-1-[0-9a-f]{8}\.json$/)]);
    await expect(user.remembered()).rejects.toThrow('ENOENT');
  });

  it('is rejected when the old one is another by now', async () => {
    const user = await beforeRotation();
    replaceLeaf(user.world.log, 2);
    rotate(user);
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });

  it('is rejected when no trusted key signs the old one any more', async () => {
    const user = await beforeRotation();
    const { log } = user.world;
    rotate(user);
    log.head = ({ treeId }) => `log.test - ${treeId}\n1\nAAAA\n\n— log.test AAAA\n`;
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(round.stderr).toContain('no signed checkpoint of the one seen before');
  });

  it('leaves the chart unchecked when the log does not list its trees', async () => {
    const user = await beforeRotation();
    rotate(user);
    user.world.server.intercept = (path, response) => {
      if (path === LOG) response.writeHead(503).end();
      return path === LOG;
    };
    expect(await user.run()).toMatchObject({ status: 5, code: 'LOG_UNREACHABLE' });
  });

  it('is the first one at another address, where no other was seen', async () => {
    const user = await beforeRotation();
    const other = await ReturningUser.open();
    other.world.log.keys = user.world.log.keys;
    startAnew(other.world.log);
    other.world.logChart();
    other.world.user.trust = user.settings.trust;
    const elsewhere = new ReturningUser(other.world, user.state);
    expect(await elsewhere.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES],
      outcomes: { consistency: 'no checkpoint seen before' },
    });
  });
});

describe('an entry that the log dates back', () => {
  /** Verifies a chart that is logged now, and said to have been logged long ago. */
  async function datedBack(user: ReturningUser) {
    const { world } = user;
    world.user.now = NOW + 48 * HOUR;
    // The true entry is hidden.
    world.log.indexed = [];
    const leaf = world.log.append(world.body(), { integratedTime: LOGGED, indexed: false });
    world.log.answerInstead(world.predicted, leaf);
    world.log.fill(3);
    return await user.run();
  }

  it('is found out by a user who saw its tree without it', async () => {
    const user = await beforeRotation();
    const round = await datedBack(user);
    expect(round).toMatchObject({
      status: 10,
      verdict: 'rejected',
      outcomes: { 'log-time': 'failed', consistency: 'passed' },
    });
    expect(round.stderr).toContain('older than a moment when its tree was seen without it');
  });

  it('is not found out by a user who never looked', async () => {
    const user = await ReturningUser.open();
    expect(await datedBack(user)).toMatchObject({ status: 0, outcomes: { 'log-time': 'passed' } });
  });

  it('is not found out where the clocks did not agree', async () => {
    const user = await ReturningUser.open();
    user.world.server.intercept = () => false;
    await user.run();
    expect((await user.remembered()).sightings).toEqual([]);
    expect(await datedBack(user)).toMatchObject({ status: 0 });
  });

  it('is found out in a new tree, which the old one preceded', async () => {
    const user = await beforeRotation();
    user.world.log.fill(5);
    user.world.log.addShard();
    expect(await datedBack(user)).toMatchObject({ status: 10, outcomes: { 'log-time': 'failed' } });
    // Now the new tree is known, and has sightings of its own: the old ones still count.
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { 'log-time': 'failed' } });
  });

  it('is not dated back where the old tree may have been frozen when it was seen', async () => {
    const user = await beforeRotation();
    user.world.log.addShard();
    expect(await datedBack(user)).toMatchObject({ status: 0, outcomes: { 'log-time': 'passed' } });
  });

  it('is found out in a new tree that pretends to be older than the one it follows', async () => {
    const user = await beforeRotation();
    user.world.log.fill(5);
    user.world.log.addShard();
    moveTree(user.world.log, 0);
    const round = await datedBack(user);
    // The indexes are those of two statements, and accuse nobody; that the old tree still grew does.
    expect(round).toMatchObject({
      status: 10,
      outcomes: { 'log-time': 'failed', consistency: 'passed' },
      conflicts: undefined,
    });
  });

  it('costs a sighting that lies in the future nothing but a warning', async () => {
    const user = await beforeRotation();
    user.settings.now = NOW - 2 * HOUR;
    const round = await user.run();
    expect(round).toMatchObject({ status: 0 });
    expect(round.stderr).toMatch(
      /^Warning: a sighting of tree [0-9]+ lies in the future, at .*: it is dropped\n$/,
    );
    expect((await user.remembered()).sightings.map(({ seen }) => Date.parse(seen) / 1000)).toEqual([
      user.settings.now,
    ]);
  });
});

describe('fresh, with history, and with stale history', () => {
  it.each([
    ['a log that did not change', () => undefined],
    [
      'a log that has grown',
      ({ world: { log } }: ReturningUser) => {
        log.fill(40);
      },
    ],
    ['a new tree', rotate],
  ] as const)('a user has the same verdict on %s', async (_, change) => {
    const stale = await ReturningUser.open();
    await stale.run();
    stale.world.log.fill(7);
    const current = new ReturningUser(stale.world, `${stale.state}-current`);
    await current.run();
    change(stale);
    const fresh = new ReturningUser(stale.world, `${stale.state}-fresh`);
    for (const user of [stale, current, fresh])
      expect(await user.run()).toMatchObject({ status: 0, verdict: 'verified', stderr: '' });
  });
});
