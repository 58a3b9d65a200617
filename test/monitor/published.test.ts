import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { serve } from '../support/loopback.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { ChartEntry } from '../support/world/chart-entry.ts';
import { Folder } from '../support/world/folder.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

/** A chart with an archive that Helm would read, logged. */
async function logged(world: MonitoredWorld, name: string) {
  const archive = await chartArchive(name, '0.1.0');
  const provenance = await world.publisher.sign(name, '0.1.0', archive);
  world.append({ body: new ChartEntry(world.publisher, { archive, provenance }).body() });
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return { name, archive, provenance, sha256, fileName: `${name}-0.1.0.tgz` };
}

const indexOf = (
  ...charts: readonly { readonly name: string; readonly sha256?: string; readonly url?: string }[]
) =>
  `apiVersion: v1\nentries:\n${charts
    .map(
      ({ name, sha256, url = `${name}-0.1.0.tgz` }) =>
        `  ${name}:\n  - name: ${name}\n    version: 0.1.0\n    urls: ["${url}"]\n${sha256 ? `    digest: ${sha256}\n` : ''}`,
    )
    .join('')}`;

describe('what is published', () => {
  test('is an archive, or those of a folder', async () => {
    const world = await MonitoredWorld.open();
    const [a, b, c] = [await logged(world, 'a'), await logged(world, 'b'), await logged(world, 'c')];
    const folder = new Folder(await world.subdirectory('charts'));
    for (const { fileName, archive } of [a, b]) await folder.write(fileName, archive);
    const single = await world.write(c.fileName, c.archive);
    const { events, status } = await world.pass('--published', folder.directory, '--published', single);
    expect(status).toBe(0);
    expect(events.map(({ event, archive }) => [event, (archive as { name: string }).name])).toEqual([
      ['published', a.fileName],
      ['published', b.fileName],
      ['published', c.fileName],
    ]);
  });

  test('is what an index says, and of what it gives no digest for, the archive beside it', async () => {
    const world = await MonitoredWorld.open();
    const [a, b] = [await logged(world, 'a'), await logged(world, 'b')];
    const folder = new Folder(await world.subdirectory('repository'));
    const index = await folder.write('index.yaml', indexOf(a, { name: 'b' }, { name: 'gone' }));
    await folder.write(b.fileName, b.archive);
    const { events, status, stderr } = await world.pass('--published', index);
    expect(events.map(({ event }) => event)).toEqual(['published', 'published']);
    expect(status).toBe(0);
    expect(stderr).toContain('Warning: 1 published version has no digest, and no archive beside the index: ');
  });

  test.each(['/charts', '/charts/', '/charts/index.yaml'])(
    'is the index of a repository at a URL: %s',
    async (path) => {
      const world = await MonitoredWorld.open();
      const a = await logged(world, 'a');
      const server = await serve((request, response) => {
        const isThere = request.url === '/charts/index.yaml';
        response.writeHead(isThere ? 200 : 404).end(isThere ? indexOf(a) : '');
      });
      expect(await world.pass('--published', `${server.url}${path}`)).toMatchObject({
        status: 0,
        events: [{ event: 'published', archive: { name: 'a-0.1.0.tgz' } }],
      });
      // Whether the provenance that is published is the one that was logged.
      expect(server.seen.map(({ url }) => url)).toEqual(['/charts/index.yaml', '/charts/a-0.1.0.tgz.prov']);
    },
  );

  test('is a chart of a repository that Helm knows, with its credentials, and no other chart there', async () => {
    const world = await MonitoredWorld.open();
    const [a, b] = [await logged(world, 'a'), await logged(world, 'b')];
    const server = await serve((request, response) => {
      const isIndex = request.url === '/charts/index.yaml';
      response.writeHead(isIndex ? 200 : 404).end(isIndex ? indexOf(a, b) : '');
    });
    const elsewhere = 'name: plugged\n  url: s3://bucket/charts';
    const list = `repositories:\n- name: acme\n  url: ${server.url}/charts\n  username: me\n  password: secret\n- ${elsewhere}\n`;
    const env = { HELM_REPOSITORY_CONFIG: await world.write('repositories.yaml', list) };
    const pass = async (place: string) =>
      await world.run([...world.words('--published', place), '--output', 'jsonl'], { env });
    expect(await pass('acme/a')).toMatchObject({
      status: 10,
      events: [{ event: 'published', archive: { name: 'a-0.1.0.tgz' } }, { event: 'unknown' }],
    });
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/charts/index.yaml', basic],
      ['/charts/a-0.1.0.tgz.prov', basic],
    ]);
    const none = await pass('acme/none');
    expect([none.status, none.stderr]).toEqual([
      3,
      expect.stringContaining('to name the chart none, found none'),
    ]);
    const plugged = await pass('plugged/a');
    expect([plugged.status, plugged.stderr]).toEqual([
      3,
      expect.stringContaining('expected the repository plugged to be at an https URL'),
    ]);
    expect(await pass('other/a')).toMatchObject({ status: 3, events: [] });
  });

  test('is an archive at a URL', async () => {
    const world = await MonitoredWorld.open();
    const a = await logged(world, 'a');
    const server = await serve((_, response) => response.end(a.archive));
    expect(await world.pass('--published', `${server.url}/a-0.1.0.tgz`)).toMatchObject({
      status: 0,
      events: [{ event: 'published' }],
    });
  });

  test('is all that a registry has of a chart, and signatures beside it are no charts', async () => {
    const world = await MonitoredWorld.open();
    const [a, b] = [await logged(world, 'a'), await logged(world, 'b')];
    const registry = await serveRegistry();
    const store = registry.store;
    for (const [tag, { archive, provenance }] of [
      ['0.1.0', a],
      ['0.2.0', b],
    ] as const)
      store.addChart('charts/a', archive, tag, Buffer.from(provenance).toString());
    const config = store.addBlob('charts/a', '{}', 'application/vnd.oci.empty.v1+json');
    store.addManifest('charts/a', { schemaVersion: 2, config, layers: [] }, 'not-a-chart');
    const { events, status } = await world.pass('--published', `oci://${registry.host}/charts/a`);
    expect(events.map(({ event, archive }) => [event, (archive as { name: string }).name])).toEqual([
      ['published', `oci://${registry.host}/charts/a:0.1.0`],
      ['published', `oci://${registry.host}/charts/a:0.2.0`],
    ]);
    expect(status).toBe(0);
    const one = await world.pass('--published', `oci://${registry.host}/charts/a:not-a-chart`);
    expect(one.status).toBe(5);
  });

  test.each([
    ['a folder without charts', (world: MonitoredWorld) => world.subdirectory('empty'), 3],
    [
      'a file that is not there',
      (world: MonitoredWorld) => Promise.resolve(`${world.directory}/none.tgz`),
      3,
    ],
    ['no index', (world: MonitoredWorld) => world.write('index.yaml', 'a: b\n'), 3],
    ['a scheme of a plugin', () => Promise.resolve('s3://bucket/charts/a-1.tgz'), 2],
    ['plain http of another machine', () => Promise.resolve('http://charts.example/'), 2],
  ])('is not known by %s: nothing is looked at, as all would be alarms', async (_, place, status) => {
    const world = await MonitoredWorld.open();
    await logged(world, 'a');
    expect(await world.pass('--published', await place(world))).toMatchObject({ status, events: [] });
    expect(world.server.seen).toEqual([]);
  });

  test('of a server that does not answer: status 5, and nothing is looked at', async () => {
    const world = await MonitoredWorld.open();
    await logged(world, 'a');
    const server = await serve((_, response) => response.writeHead(500).end());
    expect(await world.pass('--published', server.url)).toMatchObject({ status: 5, events: [] });
  });

  test('in an index of 50,000 versions is found, and what is unlogged of them is told a hundred a pass', async () => {
    const world = await MonitoredWorld.open();
    const a = await logged(world, 'a');
    const versions = Array.from({ length: 49_999 }, (_, index) => {
      const digest = createHash('sha256').update(`${index}`).digest('hex');
      return `  - version: 1.0.${index}\n    urls: [many-1.0.${index}.tgz]\n    digest: ${digest}\n`;
    });
    const index = await world.write('index.yaml', `${indexOf(a)}  many:\n${versions.join('')}`);
    const first = await world.pass('--published', index);
    expect(first.status).toBe(0);
    expect(first.events[0]).toMatchObject({ event: 'published', archive: { sha256: a.sha256 } });
    expect(first.last).toMatchObject({ counts: { published: 1, unlogged: 100 } });
    expect(first.stderr).toContain(
      'Warning: 49899 more published archives are unlogged: the next passes tell of them\n',
    );
    const second = await world.pass('--published', index);
    expect(second.last).toMatchObject({ counts: { published: 0, unlogged: 100 } });
    const name = (event: object | undefined) => (event as { archive: { name: string } }).archive.name;
    expect(name(second.events[0])).not.toBe(name(first.events[1]));
  });
});

test('a published archive of which no entry is known is a warning, once, until it is logged', async () => {
  const world = await MonitoredWorld.open();
  const chart = await world.sign('hello');
  const published = ['--published', await world.index(chart)];
  const { status, events } = await world.pass(...published);
  expect({ status, events }).toMatchObject({
    status: 0,
    events: [{ event: 'unlogged', archive: { name: 'hello-0.1.0.tgz', sha256: chart.sha256 } }],
  });
  expect(await world.pass(...published)).toMatchObject({ status: 0, events: [] });
  world.append(chart);
  expect(await world.pass(...published)).toMatchObject({ status: 0, events: [{ event: 'published' }] });
  await writeFile(world.state, '');
  expect(await world.pass(...published)).toMatchObject({ status: 3 });
});

test('nothing is said to be unlogged where a part of the log was not looked at', async () => {
  const world = await MonitoredWorld.open();
  world.log.fill(300);
  const chart = await world.sign('hello');
  world.append(chart);
  const words = ['--published', await world.index(chart), '--max-entries', '100'];
  expect(await world.pass(...words)).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  expect(await world.pass(...words)).toMatchObject({ status: 0, events: [{ event: 'published' }] });
});

test('the policy says who is watched for, where nobody else is named', async () => {
  const world = await MonitoredWorld.open();
  const chart = await world.sign('hello');
  world.append(chart);
  const log = await world.write(
    'rekor.pem',
    world.log.keys.key.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  );
  const policy = (signers: string) =>
    world.write(
      'policy.yaml',
      `version: 1\nkeys: [keyring.gpg]\nlogs:\n- url: ${world.server.url}\n  publicKeys: [rekor.pem]\nrules:\n- name: own\n  charts: ["*"]\n  signedBy:\n${signers}otherwise: deny\n`,
    );
  expect(log).toContain('rekor.pem');
  const run = async (path: string, ...more: readonly string[]) =>
    await world.run(['monitor', '--policy', path, '--state', world.state, ...more, '--output', 'jsonl']);
  const named = await policy(`  - openpgp: ${world.publisher.fingerprint.toUpperCase()}\n`);
  expect(await run(named)).toMatchObject({
    status: 10,
    events: [{ event: 'unknown', watched: `openpgp ${world.publisher.fingerprint}` }],
  });
  expect((await run(named, '--email', 'a@b.example')).stderr).toMatch(
    /expected --policy or --fingerprint, .* found both/,
  );
  const digest = `  - digest: sha256:${'a'.repeat(64)}\n    until: 2030-01-01\n    reason: reviewed\n`;
  expect((await run(await policy(digest))).stderr).toMatch(
    /expected the policy .* to name signers, found none/,
  );
});
