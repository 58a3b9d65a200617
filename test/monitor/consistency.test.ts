import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { HostileLog } from '../support/hostile-log.ts';
import { DAY } from '../support/signer.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

const HOUR = 3600;

/** A log of 300 entries that was looked through. */
async function lookedThrough(hasTiles = true): Promise<MonitoredWorld> {
  const world = await MonitoredWorld.open();
  world.hasTiles = hasTiles;
  world.log.fill(300);
  expect(await world.pass()).toMatchObject({ status: 0 });
  return world;
}

describe.each([
  ['by its tiles', true],
  ['by its index', false],
])('of a log that is followed %s', (_, hasTiles) => {
  const open = async (kept: number, others: number) => {
    const world = await lookedThrough(hasTiles);
    world.rewrite(kept, others);
    return world;
  };

  test.each([
    ['of the same size', 299, 1, 'the log shows two trees of one size: it has forked'],
    [
      'that has grown',
      200,
      250,
      'the tree has grown and is not proven to extend what it was: the log has forked',
    ],
    [
      'that has grown, from its first entry on',
      0,
      512,
      'the tree has grown and is not proven to extend what it was',
    ],
  ])('a fork %s is a conflict, in this pass and in all later ones', async (__, kept, others, reason) => {
    const world = await open(kept, others);
    for (let passes = 0; passes < 2; passes++) {
      const { status, events, last, stderr } = await world.pass();
      expect(status).toBe(10);
      expect(events).toMatchObject([{ event: 'conflict', treeId: world.log.active.treeId }]);
      expect(events[0]?.['reason']).toContain(reason);
      expect(events[0]?.['before']).toContain('\n300\n');
      expect(events[0]?.['now']).toContain(`\n${kept + others}\n`);
      expect(last).toMatchObject({ complete: false, counts: { conflict: 1 } });
      expect(stderr).toContain(`Error: ${world.server.url}, tree ${world.log.active.treeId}: ${reason}`);
    }
  });

  test('a smaller tree is a replica that lags behind, and accuses nobody when it comes after', async () => {
    const world = await open(300, 0);
    const { tree, leaves } = world.log.active;
    world.rewrite(290, 0);
    const { status, events } = await world.pass();
    expect(status).toBe(5);
    expect(events).toMatchObject([{ event: 'behind' }]);
    expect(events[0]?.['reason']).toMatch(/^the log shows a tree of 290 entries, and has shown one of 300: /);
    // An entry that it has not got yet is found as soon as it has.
    Object.assign(world.log.active, { tree, leaves });
    world.append(await world.sign('new'));
    expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  });

  test('a log that was rolled back lags behind at first, and contradicts itself after a day', async () => {
    const world = await open(290, 0);
    expect(await world.pass()).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    world.user.now += DAY - HOUR;
    expect(await world.pass()).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    world.user.now += 2 * HOUR;
    const { status, events } = await world.pass();
    expect(status).toBe(10);
    expect(events).toMatchObject([{ event: 'conflict' }]);
    expect(events[0]?.['reason']).toMatch(/it was rolled back, or something else answers in its place$/);
  });

  test('a silence of days is no reason to accuse a log that then lags behind', async () => {
    const world = await open(290, 0);
    const answer = world.server.intercept;
    world.server.intercept = (_path, response) => {
      response.writeHead(503).end();
      return true;
    };
    expect(await world.pass()).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    world.user.now += 3 * DAY;
    world.server.intercept = answer;
    expect(await world.pass()).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  });

  test('a log that was rolled back and grows again contradicts itself at once', async () => {
    const world = await open(290, 0);
    expect(await world.pass()).toMatchObject({ status: 5 });
    world.log.fill(0);
    for (let index = 0; index < 20; index++)
      world.log.append(Buffer.from(`{"new":${index}}`), { integratedTime: 1, indexed: false });
    expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'conflict' }] });
  });

  test('a tree that takes the place of the one seen before is a conflict', async () => {
    const world = await open(300, 0);
    Object.assign(world.log.active, { treeId: '4711' });
    const { status, events } = await world.pass();
    expect(status).toBe(10);
    expect(events.at(-1)).toMatchObject({
      event: 'conflict',
      reason: 'the log shows another tree, and no longer the one seen before',
    });
  });

  test('a tree that follows is none, as long as the older one is still there', async () => {
    const world = await open(300, 0);
    const before = world.log.active;
    world.log.addShard();
    world.append(await world.sign('in-the-new-tree'));
    expect(await world.pass()).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', entry: { treeId: world.log.active.treeId } }],
      last: { trees: [{ treeId: world.log.active.treeId }, { treeId: before.treeId, treeSize: 300 }] },
    });
    // A frozen tree in which an entry is exchanged.
    const [first, ...rest] = before.leaves;
    if (first === undefined) throw new Error('no entry');
    const again = new HostileLog(world.log.keys);
    for (const { body } of [...rest, first]) again.append(body, { integratedTime: 1 });
    Object.assign(before, { tree: again.active.tree, leaves: again.active.leaves });
    expect(await world.pass()).toMatchObject({
      status: 10,
      events: [{ event: 'conflict', treeId: before.treeId }],
    });
  });

  test('without its state a monitor begins anew, says so, and tells all again', async () => {
    const world = await open(300, 0);
    world.append(await world.sign('mine'));
    expect((await world.pass()).events).toMatchObject([{ event: 'unknown' }]);
    expect((await world.pass()).events).toEqual([]);
    await rm(world.state);
    const { events, stderr } = await world.pass();
    expect(events).toMatchObject([{ event: 'unknown' }]);
    expect(stderr).toContain(
      `There is no state ${world.state} yet: the log is looked through from its beginning`,
    );
  });
});

test('a smaller head that contradicts an older checkpoint is a conflict at once', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(100);
  expect(await world.pass()).toMatchObject({ status: 0 });
  world.log.fill(200);
  expect(await world.pass()).toMatchObject({ status: 0 });
  // It goes back to an entry before both, and takes others.
  world.rewrite(50, 100);
  const { status, events } = await world.pass();
  expect(status).toBe(10);
  expect(events).toMatchObject([{ event: 'conflict' }]);
  expect(events[0]?.['before']).toContain('\n100\n');
});

test('tiles and API that show two trees are a conflict', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(300);
  const split = new HostileLog(world.log.keys);
  for (const { body } of world.log.active.leaves.slice(1)) split.append(body, { integratedTime: 1 });
  split.append(Buffer.from('{}'), { integratedTime: 1 });
  const { tree } = split.active;
  const head = world.log.head({ ...world.log.active, tree });
  const { intercept } = world.server;
  world.server.intercept = (path, response, body, query) => {
    if (path !== 'GET /api/v1/log') return intercept(path, response, body, query);
    const rootHash = Buffer.from(tree.root(300)).toString('hex');
    const { treeId } = world.log.active;
    response.end(JSON.stringify({ treeID: treeId, treeSize: 300, rootHash, signedTreeHead: head }));
    return true;
  };
  expect(await world.pass()).toMatchObject({
    status: 10,
    events: [{ event: 'conflict', reason: 'the log shows two trees of one size: it has forked' }],
  });
});

test('a log that showed tiles and shows none any more is not believed by its index', async () => {
  const world = await lookedThrough();
  world.append(await world.sign('hidden'));
  world.log.indexed = [];
  world.hasTiles = false;
  const { status, events, last } = await world.pass();
  expect(status).toBe(5);
  expect(events).toMatchObject([
    { event: 'behind', reason: 'it showed its entries as tiles before, and shows none now' },
  ]);
  expect(last).toMatchObject({ way: 'tiles', complete: false });
  world.hasTiles = true;
  expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
});

test('tiles that lead to no root that the log signed accuse nobody', async () => {
  const world = await lookedThrough();
  world.log.fill(600);
  // Of these hashes the proof is made that the larger tree extends the smaller one.
  world.lie = (path, file) => (path === 'tile/0/001' && file ? Buffer.alloc(file.length, 7) : file);
  const { status, events } = await world.pass();
  expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  expect(events[0]?.['reason']).toBe('its tiles are not those of the tree of 900 entries that it signed');
  world.lie = (_, file) => file;
  expect(await world.pass()).toMatchObject({ status: 0, events: [], last: { complete: true } });
});

test('a log that signs with another key than before is said to be behind, as it worked until then', async () => {
  const [world, other] = [await lookedThrough(), await MonitoredWorld.open()];
  other.log.fill(400);
  world.lie = (path, file) => (path === 'checkpoint' ? Buffer.from(other.checkpoint(400)) : file);
  const { status, events } = await world.pass();
  expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  expect(events[0]?.['reason']).toMatch(/^no trusted key signed the checkpoint of /);
});
