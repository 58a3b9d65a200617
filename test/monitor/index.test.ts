import { describe, expect, test } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

async function withoutTiles(): Promise<MonitoredWorld> {
  const world = await MonitoredWorld.open();
  world.hasTiles = false;
  return world;
}

/** The bodies of the questions to the index. */
async function asked(world: MonitoredWorld, ...more: readonly string[]): Promise<object[]> {
  const bodies: object[] = [];
  const { intercept } = world.server;
  world.server.intercept = (path, response, body, query) => {
    if (path.endsWith('index/retrieve')) bodies.push(JSON.parse(body) as object);
    return intercept(path, response, body, query);
  };
  await world.pass(...more);
  world.server.intercept = intercept;
  return bodies;
}

describe('a log without tiles', () => {
  test('is followed by its index, which is said to be a best effort', async () => {
    const world = await withoutTiles();
    world.log.fill(5);
    const chart = await world.sign('hello');
    const leaf = world.append(chart);
    world.append(await world.sign('strange', await createSigner()));
    const { status, events, last } = await world.pass('--published', await world.index(chart));
    expect(status).toBe(0);
    expect(events).toMatchObject([
      {
        event: 'published',
        archive: { name: 'hello-0.1.0.tgz', sha256: chart.sha256 },
        entry: { uuid: leaf.uuid, index: 5, integratedTime: '2024-06-01T01:00:00Z' },
      },
    ]);
    const checks = (events[0]?.['checks'] as { id: string; outcome: string }[]).map(({ id, outcome }) => [
      id,
      outcome,
    ]);
    expect(checks).toEqual([
      ['entry-id', 'passed'],
      ['log-key', 'passed'],
      ['inclusion-promise', 'passed'],
      ['checkpoint', 'passed'],
      ['inclusion-proof', 'passed'],
      ['consistency', 'skipped'],
    ]);
    expect(last).toMatchObject({ way: 'index', complete: false, trees: [{ treeSize: 7 }] });
    expect((last['trees'] as object[])[0]).not.toHaveProperty('examined');
    const { stderr } = await world.user.run(world.words());
    expect(stderr).toContain(
      'An index can leave out entries: what it does not name is not found (a best effort)\n',
    );
  });

  test('is asked for the addresses in my key, and for the forms in which it may have been logged', async () => {
    const world = await withoutTiles();
    const bodies = await asked(world);
    expect(bodies[0]).toEqual({ email: 'publisher@charts.example' });
    const keys = bodies.slice(1).map((body) => (body as { publicKey: { format: string } }).publicKey.format);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys)).toEqual(new Set(['pgp']));
  });

  test('is asked for identities without wildcards by name, and those with some are said to be left out', async () => {
    const world = await withoutTiles();
    const exact = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/heads/main';
    const pattern = 'https://github.com/acme/charts/.github/workflows/*@refs/tags/*';
    const more = ['--identity', exact, '--identity', pattern, '--identity', 'Jo@example.com'];
    expect(await asked(world, ...more)).toEqual(
      expect.arrayContaining([{ subject: exact }, { email: 'jo@example.com' }]),
    );
    const { last } = await world.pass(...more);
    expect(last).toMatchObject({ notAsked: [`identity ${pattern}`] });
  });

  test('that does not know how to look for a name is asked for the rest', async () => {
    const world = await withoutTiles();
    world.append(await world.sign('mine'));
    const { intercept } = world.server;
    world.server.intercept = (path, response, body, query) => {
      if (!body.includes('subject') && !body.includes('publicKey'))
        return intercept(path, response, body, query);
      response
        .writeHead(422, { 'content-type': 'application/json' })
        .end('{"code":602,"message":"no such thing"}');
      return true;
    };
    const exact = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/heads/main';
    const { status, events, last } = await world.pass('--identity', exact);
    expect({ status, events }).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
    expect(last).toMatchObject({ notAsked: expect.arrayContaining([`identity ${exact}`]) as unknown });
  });

  test('that can be asked for nothing of what is watched could not be checked', async () => {
    const world = await withoutTiles();
    const pattern = 'https://github.com/acme/charts/.github/workflows/*@refs/tags/*';
    const words = [
      'monitor',
      '--identity',
      pattern,
      '--state',
      world.state,
      ...world.user.trusting(world.server),
    ];
    expect(await world.run([...words, '--output', 'jsonl'])).toMatchObject({
      status: 5,
      events: [{ event: 'behind', reason: 'an index cannot be asked for patterns of identities' }],
    });
  });

  test('is not asked again for entries that were told', async () => {
    const world = await withoutTiles();
    for (const name of ['a', 'b', 'c']) world.append(await world.sign(name));
    expect((await world.pass()).events).toHaveLength(3);
    world.server.seen.length = 0;
    expect((await world.pass()).events).toEqual([]);
    expect(world.server.seen.filter((path) => path.endsWith('entries/retrieve'))).toEqual([]);
    world.append(await world.sign('d'));
    expect((await world.pass()).events).toHaveLength(1);
  });

  test('an entry that it cannot prove is not told, and is looked at again', async () => {
    const world = await withoutTiles();
    world.append(await world.sign('hello'));
    const honest = world.log.beforeSigning;
    world.log.beforeSigning = (said) => ({ ...said, proof: { ...said.proof, rootHash: Buffer.alloc(32) } });
    const { status, events } = await world.pass();
    expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    expect(events[0]?.['reason']).toMatch(/^the entry [0-9a-f]{80} does not hold: checkpoint: /);
    world.log.beforeSigning = honest;
    expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  });

  test('of hundreds of entries that it cannot prove ten are told, and all are counted', async () => {
    const world = await withoutTiles();
    const { body } = await world.sign('hello');
    const text = Buffer.from(body).toString();
    for (let index = 0; index < 200; index++)
      world.log.append(Buffer.from(text.replace('{', `{${' '.repeat(index)}`)), { integratedTime: 1 });
    world.log.beforeSigning = (said) => ({ ...said, proof: { ...said.proof, rootHash: Buffer.alloc(32) } });
    const { events, last } = await world.pass();
    expect(events).toHaveLength(10);
    expect(last).toMatchObject({ counts: { behind: 200 } });
  });

  test('an entry that is too long to be read is an alarm, once', async () => {
    const world = await withoutTiles();
    const leaf = world.log.append(Buffer.alloc(1 << 20, 'x'), { integratedTime: 1 });
    const { status, events, stderr } = await world.pass();
    expect({ status, events }).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', entry: { uuid: leaf.uuid, leafHash: leaf.hash } }],
    });
    expect(stderr).toContain('that is not published: an entry that could not be read\n');
    expect(await world.pass()).toMatchObject({ status: 0, events: [] });
  });

  test('that answers with something else could not be checked, whatever it is', async () => {
    const world = await withoutTiles();
    world.log.indexed.push('a'.repeat(80));
    world.log.retrieved = () => [{ a: 1 }];
    expect(await world.pass()).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  });

  test('more entries than anybody looks at are not passed over in silence', async () => {
    const world = await withoutTiles();
    world.log.indexed = Array.from(
      { length: 10_001 },
      (_, index) => `1${index.toString(16).padStart(79, '0')}`,
    );
    const { status, events } = await world.pass();
    expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    expect(events[0]?.['reason']).toMatch(/names 10001 entries, more than the 10000 that are looked at$/);
  });

  test('an entry that the index names and the log does not give is said', async () => {
    const world = await withoutTiles();
    const leaf = world.append(await world.sign('hidden'));
    world.log.retrieved = () => [];
    const { status, events } = await world.pass();
    expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
    expect(events[0]?.['reason']).toBe(
      `the index names 1 entries that the log does not give, ${leaf.hash} among them`,
    );
  });

  test('without a trusted key is not believed: status 5, and it is not asked for entries', async () => {
    const world = await withoutTiles();
    const who = ['--fingerprint', world.publisher.fingerprint, '--keyring', world.keyring];
    const { status, events, stderr } = await world.run([
      ...['monitor', ...who, '--state', world.state, '--rekor-server', world.server.url, '--output', 'jsonl'],
    ]);
    expect({ status, events }).toEqual({ status: 5, events: [] });
    expect(stderr).toMatch(/Error: no key of the log .* is trusted, so its answers prove nothing\n/);
    expect(world.server.seen.filter((path) => path.startsWith('POST'))).toEqual([]);
  });
});

test('entries of an older tree, whose tiles are gone, are looked for by the index, and that is said', async () => {
  const world = await MonitoredWorld.open();
  world.append(await world.sign('in-the-old-tree'));
  const old = world.log.active;
  world.log.addShard();
  world.log.fill(3);
  const { status, events, last } = await world.pass();
  expect({ status, events }).toMatchObject({
    status: 10,
    events: [{ event: 'unknown', entry: { treeId: old.treeId, index: 0 } }],
  });
  expect(last).toMatchObject({
    way: 'tiles',
    complete: false,
    trees: [
      { treeSize: 3, examined: 3 },
      { treeId: old.treeId, treeSize: 1, examined: 0 },
    ],
  });
});
