import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { createSigner } from '../support/signer.ts';
import { UnpackedParent, type ListedDependency } from '../support/unpacked-parent.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: ChartOnDisk;
let old: ChartOnDisk;
let withBuild: ChartOnDisk;
let temporary: string;
let registry: TestRegistry;
let count = 0;

async function loggedChart(version: string): Promise<ChartOnDisk> {
  const directory = await world.subdirectory(`version-${version}`);
  const chart = await writeSignedChart(directory, world.publisher, { name: 'hello', version });
  expect((await world.runKnowing('upload', chart.path, '--no-evidence')).status).toBe(0);
  return chart;
}

beforeAll(async () => {
  world = await World.open();
  [hello, old, withBuild] = [
    await loggedChart('0.1.0'),
    await loggedChart('0.0.9'),
    await loggedChart('1.0.0+5'),
  ];
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
  registry = await serveRegistry();
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});

type Pushed = Pick<ChartOnDisk, 'archive'> & { readonly provenance?: ChartOnDisk['provenance'] };

function push(tag: string, { archive, provenance }: Pushed): string {
  const signed = provenance && Buffer.from(provenance).toString('utf8');
  return registry.store.addChart('charts/hello', archive, tag, signed).manifest.digest;
}

const repository = () => `oci://${registry.host}/charts`;

async function parentOf(version = '0.1.0', more: Partial<ListedDependency> = {}): Promise<UnpackedParent> {
  return await UnpackedParent.create(await world.subdirectory(`parent-${count++}`), [
    { name: 'hello', version, repository: repository(), ...more },
  ]);
}

// No Helm is needed: a lock says which version it is.
async function run(argv: readonly string[], ...options: readonly string[]) {
  return await world.run([...argv, ...world.knowing(), ...options], {
    env: { TMPDIR: temporary, DOCKER_CONFIG: temporary, HELM_REGISTRY_CONFIG: '/nonexistent/config.json' },
  });
}
const build = ({ path }: UnpackedParent, ...options: readonly string[]) =>
  run(['dependency', 'build', path], ...options);
const verify = ({ path }: UnpackedParent, ...options: readonly string[]) =>
  run(['verify', '--dependencies', path], ...options);

const inCharts = async ({ path }: UnpackedParent) => await readdir(join(path, 'charts')).catch(() => []);

describe('dependency build of a chart in a registry', () => {
  test('fetches the tag of the lock, verifies it, and writes its very bytes', async () => {
    push('0.1.0', hello);
    push('0.0.9', old);
    const parent = await parentOf('0.1.0', { range: '^0.1.0' });
    const { status, stderr, stdout } = await build(parent, '--output', 'json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      built: { written: ['hello-0.1.0.tgz'] },
      results: [
        {
          verdict: 'verified',
          source: { form: 'oci', reference: `${repository()}/hello:0.1.0` },
          dependency: { name: 'hello', version: '0.1.0', repository: repository() },
        },
      ],
    });
    expect(await readFile(join(parent.path, 'charts', 'hello-0.1.0.tgz'))).toEqual(
      Buffer.from(hello.archive),
    );
    // Tags are not listed, as the lock says which it is.
    expect(registry.seen.filter(({ url }) => url.includes('tags/list'))).toEqual([]);
  });

  test('takes a repository with a slash at its end, and build metadata, which a tag has behind a _', async () => {
    push('1.0.0_5', withBuild);
    const parent = await parentOf('1.0.0+5', { repository: `${repository()}/` });
    expect(await build(parent)).toMatchObject({ status: 0, stderr: '' });
    expect(await inCharts(parent)).toEqual(['hello-1.0.0+5.tgz']);
  });

  test.each<[what: string, prepare: () => Promise<unknown> | string, status: number, words: string | RegExp]>(
    [
      ['an old version is sold as the new one', () => push('0.1.0', old), 10, 'archive-name'],
      [
        'the archive is another one',
        () => push('0.1.0', { archive: old.archive, provenance: hello.provenance }),
        10,
        'archive-digest',
      ],
      [
        'a stranger signed it',
        async () =>
          push('0.1.0', await world.chart('hello', await createSigner({ userIds: ['M <m@evil.example>'] }))),
        10,
        'provenance-signature',
      ],
      [
        'there is no provenance',
        () => push('0.1.0', { archive: hello.archive }),
        4,
        'no provenance beside it',
      ],
      ['there is no such tag', () => push('0.2.0', hello), 4, /charts\/hello has no tag 0\.1\.0/],
    ],
  )('writes nothing where %s', async (_, prepare, status, words) => {
    await prepare();
    const parent = await parentOf();
    await parent.write('charts/before-1.0.0.tgz', 'x');
    const ran = await build(parent);
    expect(ran.stderr).toMatch(words);
    expect(ran.status).toBe(status);
    expect(await inCharts(parent)).toEqual(['before-1.0.0.tgz']);
  });

  test.each([
    ['a tag', 'hello:0.1.0'],
    ['a digest', `hello@sha256:${'a'.repeat(64)}`],
  ])('takes no repository with %s in it', async (_, behind) => {
    const parent = await parentOf('0.1.0', { repository: `${repository()}/${behind}` });
    expect((await build(parent)).status).toBe(3);
    expect(registry.seen).toEqual([]);
  });
});

describe('verify --dependencies of an archive that came from a registry', () => {
  test('takes the provenance of its tag there', async () => {
    push('0.1.0', hello);
    const parent = await parentOf();
    await parent.write('charts/hello-0.1.0.tgz', hello.archive);
    const { status, stderr, stdout } = await verify(parent, '--output', 'json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ verdict: 'verified', dependency: { name: 'hello', repository: repository() } }],
    });
  });

  test('takes the one beside it first, and asks no registry', async () => {
    const parent = await parentOf();
    await parent.write('charts/hello-0.1.0.tgz', hello.archive);
    await parent.write('charts/hello-0.1.0.tgz.prov', hello.provenance);
    expect((await verify(parent)).status).toBe(0);
    expect(registry.seen).toEqual([]);
  });

  test('refuses one that was exchanged since, or is an older one there as well', async () => {
    push('0.1.0', hello);
    const parent = await parentOf();
    await parent.write('charts/hello-0.1.0.tgz', old.archive);
    const exchanged = await verify(parent);
    expect([exchanged.status, exchanged.stderr]).toEqual([10, expect.stringContaining('archive-digest')]);
    push('0.1.0', old);
    const sold = await verify(parent);
    expect([sold.status, sold.stderr]).toEqual([10, expect.stringContaining('archive-name')]);
  });

  test('says that the registry has no provenance', async () => {
    push('0.1.0', { archive: hello.archive });
    const parent = await parentOf();
    await parent.write('charts/hello-0.1.0.tgz', hello.archive);
    const { status, stderr } = await verify(parent);
    expect([status, stderr]).toEqual([4, expect.stringContaining('no provenance beside it')]);
  });
});
