import { createHash, generateKeyPairSync } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { email, ForgedSigstore, publicPemOf, type Signer } from '../support/forged-sigstore.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { World } from '../support/world/world.ts';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const CLAIM = 'application/vnd.dev.cosign.simplesigning.v1+json';
const REPOSITORY = 'charts/hello';
const BY_A = [
  ...['--certificate-identity', 'a@example.com'],
  ...['--certificate-oidc-issuer', 'https://issuer.example'],
];
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const BUNDLE = 'dev.sigstore.cosign/bundle';

const sigstore = new ForgedSigstore();
const byA = sigstore.signer();
const byB = sigstore.signer({ names: [email('b@example.com')] });
let world: World;
let root: readonly string[];
let hello: Uint8Array;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
  hello = await chartArchive('hello', '0.1.0');
});
afterAll(() => world.close());

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** The chart in a registry of its own, as helm push brings it there. */
async function pushed(archive = hello) {
  const registry = await serveRegistry();
  const { store } = registry;
  const config = store.addBlob(REPOSITORY, '{}', 'application/vnd.cncf.helm.config.v1+json');
  const layer = store.addBlob(REPOSITORY, archive, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip');
  const annotations = {
    'org.opencontainers.image.title': 'hello',
    'org.opencontainers.image.version': '0.1.0',
  };
  const manifest = { schemaVersion: 2, mediaType: IMAGE, config, layers: [layer], annotations };
  const { digest } = store.addManifest(REPOSITORY, manifest, '0.1.0');
  return { registry, store, digest, reference: `oci://${registry.host}/${REPOSITORY}:0.1.0` };
}

/** The text that cosign signs, with what is changed. */
function claim(
  digest: string,
  { name = 'registry.example/charts/hello', type = 'cosign container image signature' } = {},
): string {
  return JSON.stringify({
    critical: { identity: { 'docker-reference': name }, image: { 'docker-manifest-digest': digest }, type },
    optional: null,
  });
}

interface Entry {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly integratedTime: string;
  readonly inclusionPromise: { readonly signedEntryTimestamp: string };
  readonly canonicalizedBody: string;
}

/** What cosign 2 says of a signature, as annotations. */
function annotationsOf(text: string, signer: Signer): Record<string, string> {
  const bundle = sigstore.message(Buffer.from(text), signer) as {
    messageSignature: { signature: string };
    verificationMaterial: { certificate?: { rawBytes: string }; tlogEntries: [Entry] };
  };
  const { certificate, tlogEntries } = bundle.verificationMaterial;
  const [entry] = tlogEntries;
  const log = {
    SignedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
    Payload: {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex'),
    },
  };
  const pem =
    certificate && `-----BEGIN CERTIFICATE-----\n${certificate.rawBytes}\n-----END CERTIFICATE-----\n`;
  return {
    [SIGNATURE]: bundle.messageSignature.signature,
    [BUNDLE]: JSON.stringify(log),
    ...(pem !== undefined && { [CERTIFICATE]: pem, 'dev.sigstore.cosign/chain': '' }),
  };
}

interface Layer {
  readonly text: string;
  readonly annotations: Record<string, string>;
  readonly mediaType?: string;
  readonly size?: number;
}

const layerBy = (text: string, signer: Signer = byA): Layer => ({
  text,
  annotations: annotationsOf(text, signer),
});

/** Puts signatures where cosign 2 does. */
function sign({ store }: Pick<TestRegistry, 'store'>, digest: string, layers: readonly Layer[]): void {
  const config = store.addBlob(REPOSITORY, '{"a":1}', 'application/vnd.oci.image.config.v1+json');
  const listed = layers.map(({ text, annotations, mediaType = CLAIM, size }) => ({
    ...store.addBlob(REPOSITORY, text, mediaType),
    ...(size !== undefined && { size }),
    annotations,
  }));
  const manifest = { schemaVersion: 2, mediaType: IMAGE, config, layers: listed };
  store.addManifest(REPOSITORY, manifest, `${digest.replace(':', '-')}.sig`);
}

const verify = async (...words: readonly string[]) =>
  await world.run(['verify', ...words, ...root, '--timeout', '5s']);

/** A chart with these signatures, verified by the identity that counts. */
async function verified(layersOf: (digest: string) => readonly Layer[], ...words: readonly string[]) {
  const { registry, digest, reference } = await pushed();
  sign(registry, digest, layersOf(digest));
  return await verify(reference, ...BY_A, ...words);
}

describe('a chart that cosign 2 signed in a registry', () => {
  test('is verified, and it is said what was signed and that the log promised it', async () => {
    const { registry, digest, reference } = await pushed();
    sign(registry, digest, [layerBy(claim(digest))]);
    const { status, stdout, stderr } = await verify(reference, ...BY_A);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('inclusion-proof skipped: ');
    expect(stdout).toContain(`Signed Manifest: ${digest}\n`);
    expect(stdout).toContain(`${digest.replace(':', '-')}.sig (signature 1)\n`);
    expect((await verify(reference, ...BY_A, '--require-proof')).status).toBe(5);
  });

  test('by a key is verified by that key, and by no other one', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { registry, digest, reference } = await pushed();
    sign(registry, digest, [layerBy(claim(digest), { privateKey })]);
    const [own, foreign] = [
      await world.write('own.pem', publicPemOf(privateKey)),
      await world.write('foreign.pem', publicPemOf(other.privateKey)),
    ];
    expect(await verify(reference, '--key', own)).toMatchObject({ status: 0 });
    expect((await verify(reference, '--key', foreign)).status).toBe(10);
    expect((await verify(reference, ...BY_A)).status).not.toBe(0);
  });

  test('is not by somebody else, who does no harm to who counts, wherever he stands', async () => {
    const others = (digest: string) => Array.from({ length: 15 }, () => layerBy(claim(digest), byB));
    expect((await verified(others)).status).toBe(10);
    expect((await verified((digest) => [layerBy(claim(digest)), ...others(digest)])).status).toBe(0);
    expect((await verified((digest) => [...others(digest), layerBy(claim(digest))])).status).toBe(0);
  });

  test('has as many signatures looked at as are bounded, the newest first', async () => {
    const many = (digest: string) => Array.from({ length: 40 }, () => layerBy(claim(digest), byB));
    expect((await verified((digest) => [...many(digest), layerBy(claim(digest))])).status).toBe(0);
    expect((await verified((digest) => [layerBy(claim(digest)), ...many(digest)])).status).toBe(10);
  });

  test('is verified beside bundles by others that are attached, as many as there may be', async () => {
    const { registry, digest, reference } = await pushed();
    const { store } = registry;
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    for (let at = 0; at < 20; at++) {
      const bundle = { ...sigstore.message(Buffer.from(`${at}`), byB) };
      const config = store.addBlob(REPOSITORY, '{}', 'application/vnd.oci.empty.v1+json');
      const layers = [store.addBlob(REPOSITORY, JSON.stringify(bundle), type)];
      const subject = { mediaType: IMAGE, digest, size: store.manifest(REPOSITORY, digest)?.bytes.length };
      store.addManifest(REPOSITORY, {
        ...{ schemaVersion: 2, mediaType: IMAGE, artifactType: type, config, layers, subject },
      });
    }
    sign(registry, digest, [layerBy(claim(digest))]);
    expect((await verify(reference, ...BY_A)).status).toBe(0);
  });

  test('is verified without the network once it was pulled, with what was signed beside it', async () => {
    const { registry, digest, reference } = await pushed();
    sign(registry, digest, [layerBy(claim(digest))]);
    const directory = path.join(world.directory, `mirror-${++count}`);
    const mirrored = await world.run(['mirror', reference, '--to', directory, ...BY_A, ...root]);
    expect(mirrored).toMatchObject({ status: 0 });
    expect((await readdir(directory)).sort()).toEqual([
      'hello-0.1.0.tgz',
      'hello-0.1.0.tgz.manifest.json',
      'hello-0.1.0.tgz.payload.json',
      'hello-0.1.0.tgz.sigstore.json',
      'index.yaml',
      'manifest.json',
      'trust',
    ]);
    const offline = [...BY_A, '--trusted-root', path.join(directory, 'trust', 'trusted_root.json')];
    expect(await world.run(['verify', '--mirror', directory, ...offline])).toMatchObject({ status: 0 });
    const chart = path.join(directory, 'hello-0.1.0.tgz');
    expect((await verify(chart, ...BY_A, '--offline')).status).toBe(0);
    // Without the text nothing says what the signature is over.
    const alone = path.join(await world.subdirectory(`alone-${count}`), 'hello-0.1.0.tgz');
    for (const ending of ['', '.manifest.json', '.sigstore.json'])
      await copyFile(chart + ending, alone + ending);
    expect((await verify(alone, ...BY_A, '--offline')).status).toBe(10);
    const text = await readFile(`${chart}.payload.json`, 'utf8');
    await writeFile(`${alone}.payload.json`, text.replace('"optional":null', '"optional": null'));
    expect((await verify(alone, ...BY_A, '--offline')).status).toBe(10);
    await writeFile(`${alone}.payload.json`, text);
    expect((await verify(alone, ...BY_A, '--offline')).status).toBe(0);
  });

  test('is no chart of another archive under the same name', async () => {
    const honest = await pushed();
    const other = await pushed(
      await chartArchive(
        'hello',
        '0.1.0',
        'apiVersion: v2\nname: hello\nversion: 0.1.0\ndescription: another\n',
      ),
    );
    expect(other.digest).not.toBe(honest.digest);
    sign(other.registry, other.digest, [layerBy(claim(honest.digest))]);
    const { status, stderr } = await verify(other.reference, ...BY_A);
    expect(status).toBe(10);
    expect(stderr).toContain(': archive-digest: the text that was signed names another image manifest');
  });
});

describe('a signature of cosign 2 that', () => {
  const other = `sha256:${sha256('another manifest')}`;
  const lies: readonly (readonly [string, (digest: string) => Layer, string])[] = [
    ['names another manifest', () => layerBy(claim(other)), 'archive-digest: '],
    [
      'is of an image of another name',
      (digest) => layerBy(claim(digest, { name: 'registry.example/charts/other' })),
      'archive-name: ',
    ],
    [
      'is of an image of another name with a tag',
      (digest) => layerBy(claim(digest, { name: 'registry.example/hello/other:hello' })),
      'archive-name: ',
    ],
    [
      'is of another type',
      (digest) => layerBy(claim(digest, { type: 'atomic container signature' })),
      'archive-digest: ',
    ],
    [
      'names the digest twice',
      (digest) =>
        layerBy(claim(other).replace('"image":{', `"image":{"docker-manifest-digest":"${digest}",`)),
      'archive-digest: ',
    ],
    [
      'spells the digest otherwise',
      (digest) =>
        layerBy(claim(other).replace('"image":{', `"image":{"Docker-Manifest-Digest":"${digest}",`)),
      'archive-digest: ',
    ],
    [
      'has a second image',
      (digest) =>
        layerBy(claim(other).replace('"image":', `"Image":{"docker-manifest-digest":"${digest}"},"image":`)),
      'archive-digest: ',
    ],
    [
      'names the manifest with another algorithm',
      (digest) => layerBy(claim(digest.replace('sha256', 'sha512'))),
      'archive-digest: ',
    ],
    ['is over no JSON', () => layerBy('hello'), 'archive-digest: '],
    ['is over a list', (digest) => layerBy(`[${claim(digest)}]`), 'archive-digest: '],
  ];
  test.each(lies)('%s does not count', async (_, layerOf, said) => {
    const { status, stderr } = await verified((digest) => [layerOf(digest)]);
    expect(status).toBe(10);
    expect(stderr).toContain(`: ${said}`);
  });

  test.each(['', 'hello', 'mirror.example:5000/a/b/hello:1.0@sha256:00', 'hello:0.1.0'])(
    'gives the image the name "%s" counts: copies keep where it was',
    async (name) => {
      expect((await verified((digest) => [layerBy(claim(digest, { name }))])).status).toBe(0);
    },
  );

  const changed =
    (change: (annotations: Record<string, string>, digest: string) => Record<string, string>) =>
    (digest: string): Layer => {
      const { text, annotations } = layerBy(claim(digest));
      return { text, annotations: { ...annotations, ...change(annotations, digest) } };
    };
  const mutated: readonly (readonly [string, (digest: string) => Layer])[] = [
    [
      'has the signature of another text',
      changed((_, digest) => ({ [SIGNATURE]: annotationsOf(`${claim(digest)} `, byA)[SIGNATURE] ?? '' })),
    ],
    [
      'has the certificate of another',
      changed((_, digest) => ({ [CERTIFICATE]: annotationsOf(claim(digest), byB)[CERTIFICATE] ?? '' })),
    ],
    [
      'has the entry of another',
      changed((_, digest) => ({ [BUNDLE]: annotationsOf(claim(digest), byB)[BUNDLE] ?? '' })),
    ],
    [
      'has the entry of another text',
      changed(() => ({ [BUNDLE]: annotationsOf(claim(other), byA)[BUNDLE] ?? '' })),
    ],
    [
      'has another time',
      changed(({ [BUNDLE]: log = '' }) => ({
        [BUNDLE]: log.replace(/"integratedTime":\d+/, '"integratedTime":1795000001'),
      })),
    ],
    [
      'has another index',
      changed(({ [BUNDLE]: log = '' }) => ({ [BUNDLE]: log.replace('"logIndex":0', '"logIndex":1') })),
    ],
    ['has no entry', changed(() => ({ [BUNDLE]: '' }))],
    ['has an entry that is no JSON', changed(() => ({ [BUNDLE]: '{' }))],
    [
      'has more members than there are',
      changed(({ [BUNDLE]: log = '' }) => ({ [BUNDLE]: log.replace('{', '{"more":1,') })),
    ],
    ['has no signature', changed(() => ({ [SIGNATURE]: '' }))],
    ['has a signature that is no base64', changed(() => ({ [SIGNATURE]: '!' }))],
    ['has no certificate', changed(() => ({ [CERTIFICATE]: '' }))],
    ['has a certificate that is none', changed(() => ({ [CERTIFICATE]: 'x' }))],
    ['is of another media type', (digest) => ({ ...layerBy(claim(digest)), mediaType: 'text/plain' })],
    ['says another size', (digest) => ({ ...layerBy(claim(digest)), size: 10 })],
    ['says a huge size', (digest) => ({ ...layerBy(claim(digest)), size: 1e12 })],
    ['is over a huge text', (digest) => layerBy(claim(digest) + ' '.repeat(70_000))],
  ];
  test.each(mutated)('%s does not count, and does no harm to one that does', async (_, layerOf) => {
    const alone = await verified((digest) => [layerOf(digest)]);
    expect([3, 10]).toContain(alone.status);
    expect((await verified((digest) => [layerOf(digest), layerBy(claim(digest))])).status).toBe(0);
  });

  test.each([
    ['is no manifest', '{'],
    ['is an index', JSON.stringify({ schemaVersion: 2, manifests: [] })],
    ['has no configuration', JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config: {}, layers: [] })],
    ['is huge', JSON.stringify({ schemaVersion: 2, more: 'x'.repeat(2 << 20) })],
  ])('is listed by what %s does not count, and the chart is looked at', async (_, listing) => {
    const { registry, digest, reference } = await pushed();
    registry.store.addManifest(REPOSITORY, Buffer.from(listing), `${digest.replace(':', '-')}.sig`);
    const { status, stderr } = await verify(reference, ...BY_A);
    expect(status).toBe(3);
    expect(stderr).toContain('there is no Sigstore bundle of ');
  });

  test('a policy asks for counts under it', async () => {
    const { registry, digest, reference } = await pushed();
    sign(registry, digest, [layerBy(claim(digest))]);
    await world.write('root-of-policy.json', sigstore.trustedRoot());
    const signedBy = [{ identity: 'a@example.com', issuer: 'https://issuer.example' }];
    const rules = [{ name: 'all', charts: [`oci://${registry.host}/charts/*`], signedBy }];
    const policy = await world.write(
      'policy.yaml',
      JSON.stringify({ version: 1, trustedRoot: 'root-of-policy.json', rules, otherwise: 'deny' }),
    );
    expect(await world.run(['verify', reference, '--policy', policy])).toMatchObject({ status: 0 });
  });
});
