import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePath } from '../support/bundle-vectors.ts';
import { chartArchive } from '../support/chart.ts';
import { email, ForgedSigstore } from '../support/forged-sigstore.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { vectors } from '../support/vectors.ts';
import { World } from '../support/world/world.ts';

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const ARCHIVE = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const OLD_ARCHIVE = 'application/tar+gzip';
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const COSIGN = 'https://sigstore.dev/cosign/sign/v1';
const BY_A = [
  '--certificate-identity',
  'a@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const TITLE = 'org.opencontainers.image.title';
const VERSION = 'org.opencontainers.image.version';
const HELLO = { [TITLE]: 'hello', [VERSION]: '0.1.0' };

const sigstore = new ForgedSigstore();
const byA = sigstore.signer();
let world: World;
let root: readonly string[];
let hello: Uint8Array;
let other: Uint8Array;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
  hello = await chartArchive('hello', '0.1.0');
  other = await chartArchive('other', '0.1.0');
});

afterAll(async () => {
  await world.close();
});

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const layer = (bytes: Uint8Array, mediaType = ARCHIVE, size = bytes.length) => ({
  ...{ mediaType, digest: `sha256:${sha256(bytes)}`, size },
});

/** The text of a manifest as Helm pushes it, with what is changed. */
function image(changed: object = {}): string {
  const config = layer(Buffer.from('{}'), CONFIG);
  return JSON.stringify({ schemaVersion: 2, config, layers: [layer(hello)], annotations: HELLO, ...changed });
}

/** A statement as cosign signs it. */
function signed(manifest: string, { signer = byA, type = COSIGN, subjects = [manifest] } = {}): object {
  const subject = subjects.map((each) => ({ digest: { sha256: sha256(each) } }));
  const statement = { _type: 'https://in-toto.io/Statement/v1', predicateType: type, subject, predicate: {} };
  return sigstore.statement(JSON.stringify(statement), signer);
}

const verify = async (...words: readonly string[]) =>
  await world.run(['verify', ...words, ...root, '--timeout', '5s']);

/** A chart with a bundle and a manifest beside it. */
async function beside(bundle: object, manifest: string | undefined, archive = hello): Promise<string> {
  count += 1;
  const path = join(await world.subdirectory(`image-${count}`), 'hello-0.1.0.tgz');
  await writeFile(path, archive);
  await writeFile(`${path}.sigstore.json`, JSON.stringify(bundle));
  if (manifest !== undefined) await writeFile(`${path}.manifest.json`, manifest);
  return path;
}

/** The same chart in a registry, with bundles attached as cosign does. */
async function inRegistry(bundles: readonly object[], manifest = image(), withoutReferrers = false) {
  const { store, host } = await serveRegistry();
  const repository = 'charts/hello';
  store.addBlob(repository, hello);
  store.addBlob(repository, '{}');
  const subject = store.addManifest(repository, manifest, '0.1.0');
  const attached = bundles.map((bundle) => {
    const content = store.addBlob(repository, JSON.stringify(bundle), BUNDLE);
    const config = layer(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const of = { schemaVersion: 2, mediaType: IMAGE, artifactType: BUNDLE, config, layers: [content] };
    return { ...store.addManifest(repository, { ...of, subject }), artifactType: BUNDLE };
  });
  if (withoutReferrers)
    store.addManifest(
      repository,
      { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: attached },
      subject.digest.replace(':', '-'),
    );
  return { reference: `oci://${host}/${repository}:0.1.0`, digest: subject.digest };
}

describe('a chart in a registry whose manifest is signed', () => {
  test('is verified by it, and it is said what was signed', async () => {
    const { reference, digest } = await inRegistry([signed(image())]);
    const { status, stdout, stderr } = await verify(reference, ...BY_A);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Signed Manifest: ${digest}\n`);
    expect(stdout).toContain('Checks: 13 passed');
    const { stdout: json } = await verify(reference, ...BY_A, '--output', 'json');
    const { results } = JSON.parse(json) as { results: { evidences: { manifest: string }[] }[] };
    expect(results[0]?.evidences[0]?.manifest).toBe(digest.slice(7));
  });

  test('is found under the fallback tag, and by a signature over the manifest itself', async () => {
    const message = sigstore.message(Buffer.from(image()), byA);
    for (const bundle of [signed(image()), message]) {
      const { reference } = await inRegistry([bundle], image(), true);
      expect((await verify(reference, ...BY_A)).status).toBe(0);
    }
  });

  test('is not by somebody else, and he does no harm to who counts', async () => {
    const byB = signed(image(), { signer: sigstore.signer({ names: [email('b@example.com')] }) });
    expect((await verify((await inRegistry([byB])).reference, ...BY_A)).status).toBe(10);
    expect((await verify((await inRegistry([byB, signed(image())])).reference, ...BY_A)).status).toBe(0);
  });

  test('is not by a signature over another manifest, though that has the same archive', async () => {
    const of = signed(image({ annotations: { ...HELLO, more: 'words' } }));
    const { status, stderr } = await verify((await inRegistry([of])).reference, ...BY_A);
    expect(status).toBe(10);
    expect(stderr).toContain(': archive-digest: the statement is about other files');
  });
});

describe('a chart with its manifest beside it', () => {
  test('is verified by a signature over that', async () => {
    expect((await verify(await beside(signed(image()), image()), ...BY_A)).status).toBe(0);
  });

  test('without the manifest it is not, and the user is told why', async () => {
    const { status, stderr } = await verify(await beside(signed(image()), undefined), ...BY_A);
    expect(status).toBe(10);
    expect(stderr).toContain('CHART.tgz.manifest.json');
  });

  const good = '"annotations":';
  const lies: readonly (readonly [string, string | (() => string), string])[] = [
    ['has two archives', () => image({ layers: [layer(hello), layer(other)] }), 'archive-digest: '],
    [
      'has a second archive of the old type',
      () => image({ layers: [layer(hello), layer(other, OLD_ARCHIVE)] }),
      'archive-digest: ',
    ],
    ['has the archive twice', () => image({ layers: [layer(hello), layer(hello)] }), 'archive-digest: '],
    ['has none', () => image({ layers: [] }), 'archive-digest: '],
    ['has another archive', () => image({ layers: [layer(other)] }), 'archive-digest: '],
    [
      'says another size of it',
      () => image({ layers: [layer(hello, ARCHIVE, hello.length + 1)] }),
      'archive-digest: ',
    ],
    [
      'calls the archive something else',
      () => image({ layers: [layer(hello, 'application/octet-stream')] }),
      'archive-digest: ',
    ],
    ['is of no chart', () => image({ config: layer(hello, 'text/plain') }), 'archive-digest: '],
    ['is an index', () => image({ manifests: [] }), 'archive-digest: '],
    ['names a member twice', () => image().replace(good, `"layers":[],${good}`), 'archive-digest: '],
    ['spells a member otherwise', () => image({ Layers: [layer(other)] }), 'archive-digest: '],
    ['is no JSON', () => `${image()}}`, 'archive-digest: '],
    ['has another name', () => image({ annotations: { ...HELLO, [TITLE]: 'other' } }), 'archive-name: '],
    ['has no name', () => image({ annotations: { [VERSION]: '0.1.0' } }), 'archive-name: '],
    ['has another version', () => image({ annotations: { ...HELLO, [VERSION]: '0.1.1' } }), 'archive-name: '],
    ['has no annotations', () => image({ annotations: null }), 'archive-name: '],
    ['has odd annotations', () => image({ annotations: { ...HELLO, more: 1 } }), 'archive-digest: '],
  ];

  test.each(lies)('which %s, signed as it is, is not verified', async (_, manifest, said) => {
    const text = typeof manifest === 'string' ? manifest : manifest();
    const { status, stderr } = await verify(await beside(signed(text), text), ...BY_A);
    expect(status).toBe(10);
    expect(stderr).toContain(`: ${said}`);
  });

  test('of another archive, whose file was put in its place, is not verified', async () => {
    const { status, stderr } = await verify(await beside(signed(image()), image(), other), ...BY_A);
    expect(status).toBe(10);
    expect(stderr).toContain('the manifest that was signed is of another archive');
  });

  test('which the statement names twice, or not as a release, is not verified', async () => {
    for (const options of [{ subjects: [image(), image()] }, { type: 'https://spdx.dev/Document' }])
      expect((await verify(await beside(signed(image(), options), image()), ...BY_A)).status).toBe(10);
  });

  test('which is longer than any is an error of the file', async () => {
    const long = image({ annotations: { ...HELLO, more: 'x'.repeat(4 << 20) } });
    const { status, stderr } = await verify(await beside(signed(long), long), ...BY_A);
    expect(status).toBe(3);
    expect(stderr).toContain('.manifest.json');
  });

  test('which is false does no harm to a signature over the archive', async () => {
    const message = sigstore.message(hello, byA);
    expect((await verify(await beside(message, '{'), ...BY_A)).status).toBe(0);
  });
});

describe.skipIf(vectors === undefined)('what cosign signed of what helm pushed (needs the vectors)', () => {
  test('verifies with the manifest beside the archive', async () => {
    const bundle = JSON.parse(await readFile(bundlePath('oci/cosign-sign.sigstore.json'), 'utf8')) as object;
    const manifest = await readFile(bundlePath('oci/chart-manifest.json'), 'utf8');
    const path = await beside(bundle, manifest, await readFile(bundlePath('hello-0.1.0.tgz')));
    const of = ['--trusted-root', bundlePath('trusted_root.json')];
    const by = ['--certificate-identity', 'publisher@example.com'];
    const ran = await world.run([
      ...['verify', path, ...of, ...by, '--certificate-oidc-issuer', 'http://127.0.0.1:8888'],
    ]);
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
  });
});
