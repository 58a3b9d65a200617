import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MEDIA_TYPE } from '../../src/evidence/evidence.ts';
import { writeSignedChart } from '../support/chart.ts';
import { serveBefore } from '../support/front.ts';
import { answer, serve, unusedPort } from '../support/loopback.ts';
import { serveRegistry, type RegistryFaults, type TestRegistry } from '../support/registry/server.ts';
import { World } from '../support/world/world.ts';

interface Result {
  readonly chart?: string;
  readonly verdict?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly source?: Record<string, unknown>;
  readonly evidence?: { readonly path: string };
}

let world: World;
let hello: Awaited<ReturnType<World['keptChart']>>;
let other: typeof hello;
let withV: Pick<typeof hello, 'archive' | 'provenance'>;
let evidence: Buffer;
let otherEvidence: Buffer;
let temporary: string;

beforeAll(async () => {
  world = await World.open();
  hello = await world.keptChart('hello');
  other = await world.keptChart('other');
  const signed = { name: 'hello', version: 'v0.1.0' };
  const chart = await writeSignedChart(await world.subdirectory('with-v'), world.publisher, signed);
  expect((await world.runKnowing('upload', chart.path, '--no-evidence')).status).toBe(0);
  withV = chart;
  evidence = await readFile(hello.evidence);
  otherEvidence = await readFile(other.evidence);
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});

async function verify(reference: string, ...options: readonly string[]) {
  const ran = await world.run(['verify', reference, ...world.knowing(), '--output', 'json', ...options], {
    env: { TMPDIR: temporary, DOCKER_CONFIG: temporary, HELM_REGISTRY_CONFIG: '/nonexistent/config.json' },
  });
  const document = JSON.parse(ran.stdout || '{}') as { readonly results?: readonly Result[] };
  return { ...ran, result: document.results?.[0] ?? {} };
}

const REPOSITORY = 'charts/hello';

interface Pushed {
  readonly registry: TestRegistry;
  readonly digest: string;
  readonly reference: string;
}

async function pushed(
  tag = '0.1.0',
  chart: typeof withV = hello,
  faults: RegistryFaults = {},
): Promise<Pushed> {
  const registry = await serveRegistry(faults);
  const { manifest } = registry.store.addChart(
    REPOSITORY,
    chart.archive,
    tag,
    Buffer.from(chart.provenance).toString('utf8'),
  );
  return { registry, digest: manifest.digest, reference: `oci://${registry.host}/${REPOSITORY}` };
}

function attach({ registry, digest }: Pushed, content: Uint8Array | string, artifactType = MEDIA_TYPE): void {
  const { store } = registry;
  const layer = store.addBlob(REPOSITORY, content, MEDIA_TYPE);
  const config = store.addBlob(REPOSITORY, '{}', 'application/vnd.oci.empty.v1+json');
  const [subject] = [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 }];
  store.addManifest(REPOSITORY, { schemaVersion: 2, artifactType, config, layers: [layer], subject });
}

describe('a chart in a registry', () => {
  test('of a tag is fetched with its provenance and verified by the log', async () => {
    const { reference, digest } = await pushed();
    const { status, result } = await verify(`${reference}:0.1.0`);
    expect({ status, ...result }).toMatchObject({
      status: 0,
      chart: `${reference}:0.1.0`,
      verdict: 'verified',
      source: { form: 'oci', reference: `${reference}:0.1.0`, digest: digest.slice(7) },
    });
    expect(result.source).not.toHaveProperty('versionChosenBy');
  });

  test('of a digest, or a tag and its digest, is verified as well', async () => {
    const { reference, digest } = await pushed();
    for (const behind of [`@${digest}`, `:0.1.0@${digest}`])
      expect(await verify(reference + behind)).toMatchObject({ status: 0 });
  });

  test('of an exact --version is fetched without Helm', async () => {
    const { reference } = await pushed();
    for (const version of ['0.1.0', 'v0.1.0'])
      expect(await verify(reference, '--version', version)).toMatchObject({ status: 0 });
  });

  test('with a v in front of its signed version, as cert-manager has it, is found with and without the v', async () => {
    const { reference, digest } = await pushed('v0.1.0', withV);
    for (const version of ['v0.1.0', '0.1.0'])
      for (const behind of ['', `@${digest}`])
        expect(await verify(reference + behind, '--version', version), version + behind).toMatchObject({
          status: 0,
        });
    expect(await verify(`${reference}:v0.1.0`)).toMatchObject({ status: 0 });
  });

  test('of which no tag is of that version, with or without a v, is not found', async () => {
    const { reference } = await pushed('v0.1.0', withV);
    const { status, stderr } = await verify(reference, '--version', '0.2.0');
    expect([status, stderr]).toEqual([4, expect.stringContaining('has no tag 0.2.0')]);
  });

  test('of another version behind the tag with a v is rejected', async () => {
    const { reference, digest } = await pushed('v0.2.0', withV);
    expect(await verify(reference, '--version', '0.2.0')).toMatchObject({ status: 10 });
    expect(await verify(`${reference}@${digest}`, '--version', 'v0.2.0')).toMatchObject({ status: 10 });
  });

  test('is proven by the evidence attached to it, past what does not hold, without a search in the log', async () => {
    const push = await pushed();
    attach(push, '{}');
    attach(push, otherEvidence);
    attach(push, evidence);
    const log = await serveBefore(world.log);
    const { status, stdout } = await world.run(
      ['verify', `${push.reference}:0.1.0`, ...world.knowing(log), '--output', 'json'],
      { env: { TMPDIR: temporary } },
    );
    expect(status).toBe(0);
    expect(stdout).toContain('"outcome": "used"');
    expect(log.seen.filter(({ url }) => /retrieve/.test(url))).toEqual([]);
  });

  test.each([
    ['of another chart', () => otherEvidence],
    ['that is none', () => Buffer.from('[]')],
  ])('with evidence %s attached is verified by the log', async (_, content) => {
    const push = await pushed();
    attach(push, content());
    const { status, result } = await verify(`${push.reference}:0.1.0`);
    expect([status, result.evidence]).toEqual([0, undefined]);
  });

  test.each(['inspect', 'search', 'upload'])('is taken by %s', async (command) => {
    const { reference } = await pushed();
    const known =
      command === 'inspect'
        ? ['--keyring', world.keyring]
        : command === 'search'
          ? world.trusting()
          : world.knowing();
    const ran = await world.run([command, `${reference}:0.1.0`, ...known], { env: { TMPDIR: temporary } });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('is not verified', () => {
  test('an old version under the tag of a new one', async () => {
    const { reference } = await pushed('0.2.0');
    const { status, stderr } = await verify(`${reference}:0.2.0`);
    expect([status, stderr]).toEqual([10, expect.stringContaining('archive-name')]);
  });

  test('one chart under the name of another, by tag and by digest', async () => {
    const { reference, digest } = await pushed('0.1.0', other);
    for (const behind of [':0.1.0', `@${digest}`]) {
      const { status, stderr } = await verify(reference + behind);
      expect([status, stderr]).toEqual([10, expect.stringContaining('archive-name')]);
    }
  });

  test('build metadata that the tag has and the chart has not', async () => {
    const { reference } = await pushed('0.1.0_build.5');
    expect(await verify(`${reference}:0.1.0_build.5`)).toMatchObject({ status: 10 });
  });

  test('a blob that was swapped: 5', async () => {
    const { reference } = await pushed('0.1.0', hello, {
      changed: (bytes) => (bytes.equals(hello.archive) ? Buffer.from(other.archive) : bytes),
    });
    expect(await verify(`${reference}:0.1.0`)).toMatchObject({ status: 5 });
  });

  test('a manifest with two charts, or none, or two provenances: 5', async () => {
    const { registry, reference } = await pushed();
    const { store } = registry;
    const config = store.addBlob(REPOSITORY, '{}', 'application/vnd.cncf.helm.config.v1+json');
    const chart = store.addBlob(
      REPOSITORY,
      hello.archive,
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    );
    const signed = store.addBlob(
      REPOSITORY,
      hello.provenance,
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    );
    const lists = [[chart, chart, signed], [signed], [chart, signed, signed]];
    for (const layers of lists) {
      store.addManifest(REPOSITORY, { schemaVersion: 2, config, layers }, '0.1.0');
      expect(await verify(`${reference}:0.1.0`)).toMatchObject({ status: 5 });
    }
    store.addManifest(REPOSITORY, { schemaVersion: 2, config, layers: [chart] }, '0.1.0');
    const { status, result } = await verify(`${reference}:0.1.0`);
    expect([status, result.error?.message]).toEqual([4, expect.stringContaining('no provenance beside it')]);
  });

  test('a tag or a repository that is not there: 4', async () => {
    const { reference } = await pushed();
    expect(await verify(`${reference}:9.9.9`)).toMatchObject({ status: 4 });
    expect(await verify(`${reference}s:0.1.0`)).toMatchObject({ status: 4 });
  });

  test('a tag with a digest that is not its own: 5', async () => {
    const { registry, reference, digest } = await pushed();
    registry.store.addChart(REPOSITORY, other.archive, '0.1.0', 'x');
    expect(await verify(`${reference}:0.1.0@${digest}`)).toMatchObject({ status: 5 });
  });

  test('a registry that is not there: 5', async () => {
    expect(await verify(`oci://127.0.0.1:${await unusedPort()}/x/hello:0.1.0`)).toMatchObject({ status: 5 });
  });

  test('a blob from another server, which gets no credentials: the digest is the check', async () => {
    const trap = await serve(answer(200, other.archive));
    const { registry, reference } = await pushed('0.1.0', hello, {
      instead: ({ url }, response) => {
        if (!url.includes('/blobs/')) return false;
        response.writeHead(307, { location: `${trap.url}/blob` }).end();
        return true;
      },
    });
    expect(await verify(`${reference}:0.1.0`)).toMatchObject({ status: 5 });
    expect(trap.seen.length).toBeGreaterThan(0);
    expect(JSON.stringify(trap.seen)).not.toMatch(/authorization/i);
    expect(registry.seen.length).toBeGreaterThan(0);
  });
});

test.each([
  ['a tag that is no version', 'oci://h.example/hello:latest', []],
  ['a range beside a tag', 'oci://h.example/hello:0.1.0', ['--version', '^0.1']],
  ['another version than the tag', 'oci://h.example/hello:0.1.0', ['--version', '0.2.0']],
  ['--repo beside it', 'oci://h.example/hello:0.1.0', ['--repo', 'https://h.example']],
  ['credentials', 'oci://ci:s3cr3t@h.example/hello:0.1.0', []],
])('%s is a usage error', async (_, reference, options) => {
  const { status, stderr } = await verify(reference, ...options);
  expect(status).toBe(2);
  expect(stderr).not.toContain('s3cr3t');
});
