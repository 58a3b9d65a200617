import { expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { createSigner } from '../support/signer.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

/** What the log was asked for, without what is asked about single entries. */
const tilesAsked = (world: MonitoredWorld) =>
  world.server.seen.filter((path) => path.startsWith('GET /tile/'));

test('three entries of mine, hidden in a log of 10,000, are found in sixty requests', async () => {
  const world = await MonitoredWorld.open();
  const mine = await Promise.all(['one', 'two', 'three'].map((name) => world.sign(name)));
  const stranger = await world.sign('stranger', await createSigner());
  const [one, two, three] = mine;
  if (!one || !two || !three) throw new Error('no charts');
  world.log.fill(17);
  world.append(one);
  world.log.fill(5200);
  world.append(stranger);
  world.append(two);
  world.log.fill(10_000 - world.log.active.tree.size - 1);
  world.append(three);
  expect(world.log.active.tree.size).toBe(10_000);
  const published = ['--published', await world.index(one, three)];

  const { status, events, last } = await world.pass(...published);

  expect(status).toBe(10);
  expect(events.map(({ event, entry }) => [event, (entry as { index: number }).index])).toEqual([
    ['published', 17],
    ['unknown', 5219],
    ['published', 9999],
  ]);
  expect(events[1]).toMatchObject({
    signed: { kind: 'archive', algorithm: 'sha256', hex: two.sha256 },
    watched: `openpgp ${world.publisher.fingerprint}`,
    entry: { integratedTime: '2024-06-01T01:00:00Z' },
    checks: [
      { id: 'checkpoint', outcome: 'passed' },
      { id: 'inclusion-proof', outcome: 'passed' },
      { id: 'consistency', outcome: 'skipped' },
    ],
  });
  expect(last).toMatchObject({
    way: 'tiles',
    complete: true,
    trees: [{ treeSize: 10_000, examined: 10_000 }],
    counts: { published: 2, unknown: 1, unlogged: 0, conflict: 0, behind: 0 },
  });
  expect(tilesAsked(world).length).toBeLessThan(50);
  expect(world.server.seen.length).toBeLessThan(60);
  expect(world.server.seen.some((path) => path.includes('index/retrieve'))).toBe(false);

  // The next pass has nothing to read but what is new, and tells nothing twice.
  world.server.seen.length = 0;
  world.log.fill(10);
  const next = await world.pass(...published);
  expect(next).toMatchObject({ status: 0, events: [] });
  expect(next.last).toMatchObject({ complete: true, trees: [{ treeSize: 10_010, examined: 10_010 }] });
  expect(tilesAsked(world).length).toBeLessThan(6);
});

test('a pass that looks at a part says so, and the next ones go on there', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(900);
  world.append(await world.sign('late'));
  world.log.fill(99);
  const statuses: number[] = [];
  const events: unknown[] = [];
  for (let passes = 0; passes < 4; passes++) {
    const { status, events: some, last } = await world.pass('--max-entries', '256');
    statuses.push(status);
    events.push(...some.map(({ event }) => event));
    if (passes === 0)
      expect(last).toMatchObject({ complete: false, trees: [{ treeSize: 1000, examined: 256 }] });
    if (passes === 0)
      expect(some[0]?.['reason']).toBe(
        '256 of 1000 entries were looked at so far: one pass looks at 256 (--max-entries)',
      );
  }
  expect(statuses).toEqual([5, 5, 5, 10]);
  expect(events).toEqual(['behind', 'behind', 'behind', 'unknown']);
});

test('what nobody watched for before is looked for from the beginning, and nothing is told twice', async () => {
  const world = await MonitoredWorld.open();
  const friend = await createSigner({ userIds: ['Friend <friend@charts.example>'] });
  world.append(await world.sign('mine'));
  const theirs = world.append(await world.sign('theirs', friend));
  expect((await world.pass()).events).toMatchObject([{ event: 'unknown' }]);
  expect(await world.pass()).toMatchObject({ status: 0, events: [] });
  const { status, events, stderr } = await world.pass('--email', 'FRIEND@charts.example');
  expect(events).toMatchObject([
    { event: 'unknown', watched: 'email friend@charts.example', entry: { leafHash: theirs.hash } },
  ]);
  expect(status).toBe(10);
  expect(stderr).toContain('More is watched for than before: all entries are looked through again\n');
  // Fewer are no reason to begin anew.
  expect((await world.pass()).stderr).toBe('');
});

test('an entry in a partial tile is found, also where the log keeps only the newest tiles', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(255);
  world.append(await world.sign('last-of-its-tile'));
  world.log.fill(3);
  // The checkpoint is of a moment before, of which there is no partial tile any more.
  world.lie = (path, file) => (path === 'checkpoint' ? Buffer.from(world.checkpoint(256)) : file);
  expect(await world.pass()).toMatchObject({
    status: 10,
    events: [{ event: 'unknown', entry: { index: 255 } }],
  });
});

test('of a log whose tiles grow while they are read, the newer checkpoint is taken', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(100);
  world.append(await world.sign('one'));
  let shown = 0;
  world.lie = (path, file) => {
    if (path !== 'checkpoint' || shown++ > 0) return file;
    // Its partial tiles are gone when they are asked for.
    return Buffer.from(world.checkpoint(50));
  };
  expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  expect(shown).toBe(2);
});

test('a log with no entries has nothing to tell, and what comes later is told', async () => {
  const world = await MonitoredWorld.open();
  expect(await world.pass()).toMatchObject({ status: 0, events: [], last: { trees: [{ treeSize: 0 }] } });
  world.append(await world.sign('first'));
  expect(await world.pass()).toMatchObject({
    status: 10,
    events: [{ event: 'unknown', entry: { index: 0 } }],
  });
});

test('what is logged before it is published alarms once, and is no longer unknown when it is published', async () => {
  const world = await MonitoredWorld.open();
  const chart = await world.sign('hello');
  world.append(chart);
  expect(await world.pass('--published', await world.index(await world.sign('other')))).toMatchObject({
    status: 10,
    events: [{ event: 'unknown' }, { event: 'unlogged', archive: { name: 'other-0.1.0.tgz' } }],
  });
  const after = await world.pass('--published', await world.index(chart));
  expect(after).toMatchObject({ status: 0, events: [] });
  expect(await readFile(world.state, 'utf8')).toContain(`published sha256:${chart.sha256}`);
});
