import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

const FROM_NOW = ['--from', 'now'];

describe('a first pass from now on', () => {
  test('reads no entry of a log of any length, and those that follow are told', async () => {
    const world = await MonitoredWorld.open();
    const [old, mine] = [await world.sign('old'), await world.sign('mine')];
    world.append(old);
    world.log.fill(700);
    const published = ['--published', await world.index(mine, old)];
    const first = await world.pass(...published, ...FROM_NOW);
    expect(first).toMatchObject({ status: 0, events: [], last: { way: 'tiles', complete: false } });
    expect(first.last['trees']).toMatchObject([{ treeSize: 701, examined: 701, from: 701 }]);
    expect(first.stderr).toContain('what the log has until now is not looked at\n');
    expect(world.server.seen.filter((path) => path.includes('/tile/entries'))).toEqual([]);
    world.append(mine);
    world.append(await world.sign('other'));
    const second = await world.pass(...published);
    // That nothing is known of the old one says nothing: it was not looked for.
    expect(second.events).toMatchObject([
      { event: 'published', archive: { name: 'mine-0.1.0.tgz' } },
      { event: 'unknown', entry: { index: 702 } },
    ]);
    expect(second.last).toMatchObject({ complete: false, trees: [{ examined: 703, from: 701 }] });
    expect(await world.pass(...published)).toMatchObject({ status: 0, events: [] });
  });

  test('still holds the log to what it signed then', async () => {
    const world = await MonitoredWorld.open();
    world.log.fill(300);
    expect(await world.pass(...FROM_NOW)).toMatchObject({ status: 0 });
    world.rewrite(100, 300);
    expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'conflict' }] });
  });

  test('is the first one: a state that was lost is not passed over by a line of cron', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('one'));
    expect(await world.pass(...FROM_NOW)).toMatchObject({ status: 0 });
    const again = await world.pass(...FROM_NOW);
    expect([again.status, again.stderr]).toEqual([
      3,
      expect.stringMatching(/--from now is for a first pass, and the state .* is of an earlier one/),
    ]);
    const then = await world.pass('--from', 'then');
    expect([then.status, then.stderr]).toEqual([2, expect.stringContaining('--from')]);
  });

  test('that saw nothing of the log is none', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('one'));
    world.lie = () => Buffer.from('nonsense');
    expect(await world.pass(...FROM_NOW)).toMatchObject({ status: 5 });
    world.lie = (_, file) => file;
    expect(await world.pass(...FROM_NOW)).toMatchObject({ status: 0, events: [] });
    expect(await world.pass()).toMatchObject({ status: 0, events: [] });
  });

  test('of an empty log leaves out nothing', async () => {
    const world = await MonitoredWorld.open();
    const first = await world.pass(...FROM_NOW);
    expect(first.last).toMatchObject({ complete: true });
    world.append(await world.sign('one'));
    expect(await world.pass()).toMatchObject({ status: 10, last: { complete: true } });
  });

  test('is kept where more is watched for later: what was before is not looked at', async () => {
    const world = await MonitoredWorld.open();
    const other = await createSigner({ userIds: ['Other <other@example.com>'] });
    world.append(await world.sign('before', other));
    await world.pass(...FROM_NOW);
    world.append(await world.sign('behind', other));
    await world.pass();
    const more = await world.pass('--email', 'other@example.com');
    expect(more.events).toMatchObject([{ event: 'unknown', entry: { index: 1 } }]);
    expect(more.stderr).toContain('More is watched for than before');
  });

  test('by the index takes note of what it names, and tells nothing of it', async () => {
    const world = await MonitoredWorld.open();
    world.hasTiles = false;
    const [old, mine] = [await world.sign('old'), await world.sign('mine')];
    world.append(old);
    const published = ['--published', await world.index(old, mine)];
    const first = await world.pass(...published, ...FROM_NOW);
    expect(first).toMatchObject({ status: 0, last: { way: 'index' } });
    expect(first.events).toMatchObject([{ event: 'unlogged', archive: { name: 'mine-0.1.0.tgz' } }]);
    world.append(mine);
    expect(await world.pass(...published)).toMatchObject({ events: [{ event: 'published' }] });
  });
});

test('a state that says that nobody wanted more entries than there were is refused', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(10);
  await world.pass(...FROM_NOW);
  const text = await readFile(world.state, 'utf8');
  for (const [from, status] of [
    ['"from": 0', 3],
    ['"from": 99', 3],
    ['"from": 10', 0],
  ] as const) {
    await writeFile(world.state, text.replace('"from": 10', from));
    expect((await world.pass()).status, from).toBe(status);
  }
});
