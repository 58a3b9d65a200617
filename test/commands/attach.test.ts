import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fallbackTag } from '../../src/registry/fallback-tag.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { hexOf, OTHER_DIGEST, passwordEntry, REPOSITORY, repositoryIn } from '../registry/asking.ts';
import { USER } from '../support/registry/auth.ts';
import { serveRegistry, type RegistryFaults, type TestRegistry } from '../support/registry/server.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { World } from '../support/world/world.ts';

const EVIDENCE = 'application/vnd.helm-sigstore.evidence.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

let world: World;
let chart: Awaited<ReturnType<World['keptChart']>>;
let other: Awaited<ReturnType<World['keptChart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.keptChart('hello');
  other = await world.keptChart('other');
});

afterAll(async () => {
  await world.close();
});

/** A registry with the chart, and what it is called there. */
async function registryWithChart(faults: RegistryFaults = {}) {
  const registry = await serveRegistry(faults);
  const { manifest } = registry.store.addChart(REPOSITORY, await readFile(chart.path), '0.1.0');
  const place = `oci://${registry.host}/${REPOSITORY}`;
  return { registry, manifest, place, reference: `${place}:0.1.0` };
}

async function attach(reference: string, ...options: readonly string[]) {
  return await world.run(['attach', reference, '--evidence', chart.evidence, ...options]);
}

const pushed = ({ seen }: TestRegistry) => seen.filter(({ method }) => method === 'PUT' || method === 'POST');

async function bundleFile(content: string): Promise<string> {
  return await world.write('hello.sigstore.json', content);
}

describe('evidence that is attached', () => {
  test.each<[string, RegistryFaults]>([
    ['with the API of referrers', {}],
    ['without it', { withoutReferrers: true }],
  ])('to a chart in a registry %s is found there, byte for byte', async (_, faults) => {
    const { registry, manifest, place, reference } = await registryWithChart(faults);
    const { status, stdout, stderr } = await attach(reference);
    const { manifests } = await findReferrers(await repositoryIn(registry), hexOf(manifest.digest), EVIDENCE);
    const [found] = manifests;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      [
        `Evidence Attached: ${place}@${manifest.digest}`,
        '',
        `File: ${chart.evidence}`,
        `Artifact Type: ${EVIDENCE}`,
        `Manifest: sha256:${found?.digest ?? ''} (pushed)`,
        '',
      ].join('\n'),
    );
    const layer = found?.layers[0]?.digest ?? '';
    expect(registry.store.blobs.get(`${REPOSITORY}@sha256:${layer}`)).toEqual(await readFile(chart.evidence));
  });

  test('again changes nothing, and says so', async () => {
    const { registry, manifest, place, reference } = await registryWithChart();
    await attach(reference);
    const before = pushed(registry).length;
    const { status, stdout } = await attach(`${place}@${manifest.digest}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Evidence Already Attached: oci:.*\n\nFile: .*\nArtifact Type: .*\nManifest: sha256:[0-9a-f]{64} \(was there already\)\n$/,
    );
    expect(pushed(registry).length).toBe(before);
  });

  test('is told in JSON', async () => {
    const { manifest, place, reference } = await registryWithChart();
    const { stdout } = await attach(reference, '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'attach',
      status: 0,
      chart: `${place}@${manifest.digest}`,
      attached: [
        {
          file: chart.evidence,
          artifactType: EVIDENCE,
          wasThere: false,
          digest: expect.stringMatching(/^sha256:/) as unknown,
        },
      ],
    });
  });

  test('may be a bundle alone, as an identity makes one', async () => {
    const { registry, reference, manifest } = await registryWithChart();
    const bundle = await bundleFile(JSON.stringify({ mediaType: BUNDLE }));
    const { status, stdout } = await world.run(['attach', reference, '--bundle', bundle]);
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`\nFile: ${bundle}\nArtifact Type: ${BUNDLE}\n`) as unknown,
    });
    const { manifests } = await findReferrers(await repositoryIn(registry), hexOf(manifest.digest), BUNDLE);
    expect(manifests).toHaveLength(1);
  });

  test('may have a bundle beside it', async () => {
    const { registry, manifest, reference } = await registryWithChart();
    const bundle = await bundleFile(JSON.stringify({ mediaType: BUNDLE }));
    expect((await attach(reference, '--bundle', bundle)).stdout).toContain(
      `\nFile: ${bundle}\nArtifact Type: ${BUNDLE}\n`,
    );
    const repository = await repositoryIn(registry);
    for (const type of [EVIDENCE, BUNDLE])
      expect((await findReferrers(repository, hexOf(manifest.digest), type)).manifests.length).toBe(1);
  });

  test.each(['HELM_REGISTRY_CONFIG', 'DOCKER_CONFIG'])(
    'is attached by who logged in: %s',
    async (variable) => {
      const { registry, reference } = await registryWithChart();
      registry.auth.settings.mode = 'token';
      const config = { auths: { [registry.host]: passwordEntry(USER) } };
      const directory = await world.subdirectory('docker');
      const path = join(directory, 'config.json');
      await writeFile(path, JSON.stringify(config));
      const env = { [variable]: variable === 'DOCKER_CONFIG' ? directory : path };
      const argv = ['attach', reference, '--evidence', chart.evidence];
      expect(await world.run(argv, { env })).toMatchObject({ status: 0 });
      const { status, stderr } = await world.run(argv);
      expect(status).toBe(5);
      expect(stderr).toContain('helm registry login');
    },
  );
});

describe('a registry with a private authority', () => {
  const server = selfSignedCertificate();

  test.each([
    ['--ca-file', (ca: string) => ({ options: ['--ca-file', ca], env: {} })],
    ['SSL_CERT_FILE', (ca: string) => ({ options: [], env: { SSL_CERT_FILE: ca } })],
  ])('is believed by %s', async (_, trusting) => {
    const registry = await serveRegistry({}, server);
    registry.store.addChart(REPOSITORY, await readFile(chart.path), '0.1.0');
    const argv = ['attach', `oci://${registry.host}/${REPOSITORY}:0.1.0`, '--evidence', chart.evidence];
    expect(await world.run(argv)).toMatchObject({ status: 5 });
    expect(registry.seen).toEqual([]);
    const { options, env } = trusting(await world.write('ca.pem', server.cert));
    expect(await world.run([...argv, ...options], { env })).toMatchObject({ status: 0 });
  });
});

test('a registry that wants a certificate of the client is shown that of --cert-file', async () => {
  const [server, client] = [selfSignedCertificate(), selfSignedCertificate()];
  const registry = await serveRegistry({}, { ...server, ca: client.cert, requestCert: true });
  registry.store.addChart(REPOSITORY, await readFile(chart.path), '0.1.0');
  const trusted = ['--ca-file', await world.write('ca.pem', server.cert)];
  const shown = ['--cert-file', await world.write('cert.pem', client.cert)];
  const key = ['--key-file', await world.write('key.pem', client.key)];
  const reference = `oci://${registry.host}/${REPOSITORY}:0.1.0`;
  expect(await attach(reference, ...trusted)).toMatchObject({ status: 5 });
  expect(await attach(reference, ...trusted, ...shown)).toMatchObject({ status: 2 });
  expect(await attach(reference, ...trusted, ...shown, ...key)).toMatchObject({ status: 0 });
});

describe('nothing is pushed', () => {
  test('of evidence of another archive', async () => {
    const { registry, reference } = await registryWithChart();
    const { status, stdout, stderr } = await world.run(['attach', reference, '--evidence', other.evidence]);
    expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
    expect(stderr).toContain('nothing was pushed');
    expect(pushed(registry)).toEqual([]);
  });

  test('of evidence of which one entry is of another archive', async () => {
    const { registry, reference } = await registryWithChart();
    const [own, foreign] = await Promise.all(
      [chart, other].map(
        async ({ evidence }) => JSON.parse(await readFile(evidence, 'utf8')) as { entries: object[] },
      ),
    );
    const mixed = { ...own, entries: [...(own?.entries ?? []), ...(foreign?.entries ?? [])] };
    const path = await world.write('mixed.rekor.json', `${JSON.stringify(mixed, null, 2)}\n`);
    expect(await world.run(['attach', reference, '--evidence', path])).toMatchObject({ status: 10 });
    expect(pushed(registry)).toEqual([]);
  });

  test.each([
    ['what is no evidence', '{"mediaType":"other"}', 'is no evidence file'],
    ['what is no JSON', 'x', 'is no evidence file'],
    ['nothing', '', 'is no evidence file'],
    ['too much', ' '.repeat((1 << 20) + 1), 'at most 1048576 bytes'],
  ])('of %s', async (_, content, message) => {
    const { registry, reference } = await registryWithChart();
    const path = await world.write('bad.rekor.json', content);
    const { status, stderr } = await world.run(['attach', reference, '--evidence', path]);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
    expect(registry.seen).toEqual([]);
  });

  test('of another name that is no evidence, which is not to be removed', async () => {
    const { reference } = await registryWithChart();
    const path = await world.write('publisher.asc', 'x');
    const { status, stderr } = await world.run(['attach', reference, '--evidence', path]);
    expect([status, stderr]).toEqual([3, expect.stringContaining('Hint: name the evidence file')]);
  });

  test.each([
    [
      'of another version',
      JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' }),
    ],
    ['without a media type', '{}'],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['that is no JSON', 'x'],
    ['that names its media type twice', `{"mediaType":"x","mediaType":"${BUNDLE}"}`],
    ['that is too large', JSON.stringify({ mediaType: BUNDLE, x: 'x'.repeat(1 << 20) })],
  ])('with a bundle %s', async (_, content) => {
    const { registry, reference } = await registryWithChart();
    expect(await attach(reference, '--bundle', await bundleFile(content))).toMatchObject({ status: 3 });
    expect(registry.seen).toEqual([]);
  });

  test('where tag and digest name different manifests', async () => {
    const { registry, reference } = await registryWithChart();
    const { manifest } = registry.store.addChart(REPOSITORY, 'another', '0.2.0');
    expect(await attach(`${reference}@${manifest.digest}`)).toMatchObject({ status: 5 });
    expect(pushed(registry)).toEqual([]);
  });

  test('where the tag is not there, and those that are there are named', async () => {
    const { registry, place } = await registryWithChart();
    registry.store.addManifest(REPOSITORY, '{}', fallbackTag(hexOf(OTHER_DIGEST)));
    expect(await attach(`${place}:9.9.9`)).toMatchObject({
      status: 4,
      stderr: `Error: ${place} has no tag 9.9.9\nHint: its tags: 0.1.0\n`,
    });
  });

  test('to what is no chart', async () => {
    const { registry, place } = await registryWithChart();
    const blob = registry.store.addBlob(REPOSITORY, '{}', 'application/vnd.oci.image.config.v1+json');
    registry.store.addManifest(REPOSITORY, { schemaVersion: 2, config: blob, layers: [blob] }, 'image');
    const { status, stderr } = await attach(`${place}:image`);
    expect(status).toBe(5);
    expect(stderr).toContain('is not that of a chart');
    expect(pushed(registry)).toEqual([]);
  });

  test.each([
    ['a file', 'hello-0.1.0.tgz'],
    ['a URL', 'https://charts.example/hello-0.1.0.tgz'],
    ['a repository', 'oci://registry.example/charts/hello'],
    ['credentials', 'oci://user:secret@registry.example/charts/hello:0.1.0'],
    ['a path with %2f', 'oci://registry.example/charts%2fhello:0.1.0'],
  ])('where %s is named', async (_, reference) => {
    const { status, stderr } = await attach(reference);
    expect(status).toBe(2);
    expect(stderr).not.toContain('secret');
  });

  test('without any file', async () => {
    const { reference } = await registryWithChart();
    const { status, stderr } = await world.run(['attach', reference]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Error: expected --evidence or --bundle, found neither\nHint: /);
  });
});

test('where the registry takes the evidence and not the bundle, both is told', async () => {
  const { registry, reference } = await registryWithChart();
  registry.faults.instead = ({ method, url, body }, response) => {
    if (method !== 'PUT' || !url.includes('/manifests/') || !body.toString().includes(BUNDLE)) return false;
    response.writeHead(400).end('{"errors":[{"code":"UNSUPPORTED","message":"no bundles here"}]}');
    return true;
  };
  const bundle = await bundleFile(JSON.stringify({ mediaType: BUNDLE }));
  const { status, stdout, stderr } = await attach(reference, '--bundle', bundle);
  expect(status).toBe(5);
  expect(stdout).toContain(`File: ${chart.evidence}\n`);
  expect(stdout).not.toContain(bundle);
  expect(stderr).toContain(`Error: ${bundle} is not attached: `);
  expect(stderr).toContain('no bundles here');
});
