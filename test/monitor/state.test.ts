import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { lockFile } from '../../src/files/kernel-lock.ts';
import { formatState, MOST_TOLD, NewerStateError, parseState } from '../../src/monitor/state-format.ts';
import { emptyState, watchingFor, withCheckpoint, type MonitorState } from '../../src/monitor/state.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

const SHA = 'ab'.repeat(32);

const full = (): MonitorState => ({
  log: 'https://log.example',
  way: 'tiles',
  watched: ['email a@example.com', `openpgp ${'c'.repeat(40)}`],
  trees: [
    { name: '17', checkpoints: ['note\n'], examined: 256 },
    { name: 'log.example', checkpoints: ['a', 'b'], examined: 0, smallerSince: 1_795_000_000 },
  ],
  told: new Map([
    [SHA, { outcome: 'published', signed: { algorithm: 'sha256', hex: SHA } }],
    ['cd'.repeat(32), { outcome: 'unknown', signed: { algorithm: 'sha512', hex: SHA + SHA } }],
    ['ef'.repeat(32), { outcome: 'unknown', signed: undefined }],
  ]),
  unlogged: new Set([SHA]),
  behindSince: 1_795_000_000,
});

const bytesOf = (state: MonitorState) => Buffer.from(formatState(state));
const changed = (change: (json: Record<string, unknown>) => unknown) =>
  Buffer.from(JSON.stringify(change(JSON.parse(formatState(full())) as Record<string, unknown>)));

describe('the file of a state', () => {
  test('says all that is remembered', () => {
    expect(parseState(bytesOf(full()))).toEqual(full());
    expect(parseState(bytesOf(emptyState('https://log.example', 'index', [])))).toEqual(
      emptyState('https://log.example', 'index', []),
    );
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a list', Buffer.from('[]')],
    ['another format', changed((json) => ({ ...json, format: 'other' }))],
    ['no version', changed((json) => ({ ...json, version: undefined }))],
    ['version 0', changed((json) => ({ ...json, version: 0 }))],
    ['a member too many', changed((json) => ({ ...json, more: 1 }))],
    ['no trees', changed((json) => ({ ...json, trees: undefined }))],
    [
      'a tree without a checkpoint',
      changed((json) => ({ ...json, trees: [{ name: '1', checkpoints: [], examined: 0 }] })),
    ],
    [
      'a tree twice',
      changed((json) => ({
        ...json,
        trees: [1, 2].map(() => ({ name: '1', checkpoints: ['a'], examined: 0 })),
      })),
    ],
    [
      'less than no entries',
      changed((json) => ({ ...json, trees: [{ name: '1', checkpoints: ['a'], examined: -1 }] })),
    ],
    ['an entry without a digest', changed((json) => ({ ...json, told: [SHA] }))],
    ['an entry that came to something else', changed((json) => ({ ...json, told: [`${SHA} good -`] }))],
    ['a digest that is none', changed((json) => ({ ...json, unlogged: ['x'] }))],
    ['a time that is none', changed((json) => ({ ...json, behindSince: 'soon' }))],
    [
      'more entries than are remembered',
      changed((json) => ({ ...json, told: Array.from({ length: MOST_TOLD + 1 }, () => `${SHA} unknown -`) })),
    ],
    ['half a file', bytesOf(full()).subarray(0, 200)],
  ])('is refused as %s', (_, bytes) => {
    expect(() => parseState(bytes)).toThrow(MalformedError);
  });

  test('of a later version is told from a damaged one', () => {
    expect(() => parseState(changed((json) => ({ ...json, version: 2, more: 1 })))).toThrow(NewerStateError);
  });

  test('keeps the oldest checkpoints and the newest, and never more than a few', () => {
    let tree = { name: '1', checkpoints: ['0'], examined: 0 };
    for (let index = 1; index < 200; index++)
      tree = {
        ...tree,
        ...withCheckpoint(tree, String(index)),
        checkpoints: [...withCheckpoint(tree, String(index)).checkpoints],
      };
    expect(tree.checkpoints.length).toBeLessThanOrEqual(16);
    expect(tree.checkpoints[0]).toBe('0');
    expect(tree.checkpoints.slice(-8)).toEqual(['192', '193', '194', '195', '196', '197', '198', '199']);
    expect(tree.checkpoints.map(Number)).toEqual(tree.checkpoints.map(Number).sort((a, b) => a - b));
  });

  test('for others than before begins at the first entry, and for fewer goes on', () => {
    const state = full();
    expect(
      watchingFor(state, [...state.watched, 'email b@example.com']).trees.map(({ examined }) => examined),
    ).toEqual([0, 0]);
    expect(watchingFor(state, state.watched.slice(1)).trees).toBe(state.trees);
  });
});

describe('a state that cannot be used', () => {
  test.each<[string, (text: string) => string, RegExp, number]>([
    ['is damaged', (text) => text.slice(5), /the state .* is damaged: expected JSON, found /, 3],
    [
      'is of a later version',
      (text) => text.replace('"version": 1', '"version": 9'),
      /is of a later version of this program/,
      3,
    ],
    [
      'is of another log',
      (text) => text.replace(/"log": "[^"]*"/, '"log": "https://other.example"'),
      /is of the log "https:\/\/other\.example", and this run is about /,
      3,
    ],
    [
      'has a checkpoint that somebody wrote',
      (text) => text.replace(/\\n5\\n/, '\\n4\\n'),
      /has a checkpoint of tree [0-9]+ that no trusted key of the log signed/,
      3,
    ],
    [
      'has a checkpoint of another tree',
      (text) => text.replace(/"name": "[0-9]+"/, '"name": "17"'),
      /has a checkpoint of tree 17 that no trusted key of the log signed/,
      3,
    ],
  ])('as it %s ends the run, and stays as it is', async (_, change, message, status) => {
    const world = await MonitoredWorld.open();
    world.log.fill(5);
    await world.pass();
    const damaged = change(await readFile(world.state, 'utf8'));
    await writeFile(world.state, damaged);
    world.log.fill(5);
    const run = await world.pass();
    expect(run).toMatchObject({ status, events: [] });
    expect(run.stderr).toMatch(message);
    expect(JSON.parse(damaged.startsWith('{') ? damaged : '{}')).toMatchObject(
      damaged.startsWith('{') ? (JSON.parse(await readFile(world.state, 'utf8')) as object) : {},
    );
  });
});

test('two monitors at once do not work with one state: the second says who has it, status 5', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(5);
  const lock = await lockFile(`${world.state}.lock`);
  const { status, stderr } = await world.pass();
  expect(status).toBe(5);
  expect(stderr).toMatch(
    /^Error: .*monitor\.json is in use by process [0-9]+ .*: one monitor at a time goes through a log\n/,
  );
  expect(world.server.seen).toEqual([]);
  await lock.release();
  expect(await world.pass()).toMatchObject({ status: 0 });
});

test('two monitors that are begun together tell each entry once', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(300);
  world.append(await world.sign('mine'));
  const [one, two] = await Promise.all([world.pass(), world.pass()]);
  expect([one.status, two.status].sort((a, b) => a - b)).toEqual([5, 10]);
  expect([...one.events, ...two.events]).toHaveLength(1);
});

test('a pass that is interrupted is gone on with where it was', async () => {
  const world = await MonitoredWorld.open();
  world.append(await world.sign('early'));
  world.log.fill(600);
  world.append(await world.sign('late'));
  const interruption = new AbortController();
  world.lie = (path, file) => {
    if (path === 'tile/entries/002.p/90') interruption.abort();
    return file;
  };
  const first = await world.run([...world.words(), '--output', 'jsonl'], {
    interrupted: interruption.signal,
  });
  expect(first.events).toMatchObject([{ event: 'unknown', entry: { index: 0 } }, { event: 'behind' }]);
  world.lie = (_, file) => file;
  world.server.seen.length = 0;
  const second = await world.pass();
  expect(second.events).toMatchObject([{ event: 'unknown', entry: { index: 601 } }]);
  expect(world.server.seen.filter((path) => path.includes('tile/entries'))).toEqual([
    'GET /tile/entries/002.p/90',
  ]);
});

test('a state that cannot be written is said, status 3', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(5);
  const words = world
    .words()
    .map((word) => (word === world.state ? `${world.directory}/none/state.json` : word));
  expect(await world.run(words)).toMatchObject({ status: 3 });
});
