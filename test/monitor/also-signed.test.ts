import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { ForgedSigstore } from '../support/forged-sigstore.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { ChartEntry } from '../support/world/chart-entry.ts';
import { Folder } from '../support/world/folder.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';

// Whoever has my key signs one text for what I published and for something of his own, and has the log take that.

type Hash = 'sha256' | 'sha512';
const digestOf = (bytes: Uint8Array | string, hash: Hash = 'sha256') =>
  createHash(hash).update(bytes).digest('hex');
const EVIL = digestOf('a malicious archive');
const TYPE = 'application/vnd.in-toto+json';

interface Subject {
  readonly name?: string;
  readonly digest: Readonly<Record<string, unknown>>;
}

const statementAbout = (...subject: readonly Subject[]) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://example.com/release',
    subject,
    predicate: {},
  });

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const SPKI = key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');

/** The entries in which logs have a statement: by the digest of its payload, or of what is signed of it. */
const ENTRIES: Readonly<Record<string, (payload: string) => object>> = {
  'dsse 0.0.1': (payload) => ({
    spec: { payloadHash: hashOf(payload), signatures: [{ signature: 'cw==', verifier: base64(PEM) }] },
  }),
  'dsse 0.0.2': (payload) => ({
    spec: {
      dsseV002: {
        payloadHash: newHashOf(payload),
        signatures: [{ content: 'cw==', verifier: { publicKey: { rawBytes: SPKI } } }],
      },
    },
  }),
  'intoto 0.0.1': (payload) => ({
    spec: { content: { payloadHash: hashOf(payload) }, publicKey: base64(PEM) },
  }),
  'intoto 0.0.2': (payload) => ({
    spec: {
      content: { payloadHash: hashOf(payload), envelope: { signatures: [{ publicKey: base64(PEM) }] } },
    },
  }),
  'hashedrekord 0.0.1': (payload) => ({
    spec: {
      data: { hash: hashOf(encoded(payload)) },
      signature: { content: 'cw==', publicKey: { content: base64(PEM) } },
    },
  }),
  'hashedrekord 0.0.2': (payload) => ({
    spec: {
      hashedRekordV002: {
        data: newHashOf(encoded(payload)),
        signature: { content: 'cw==', verifier: { publicKey: { rawBytes: SPKI } } },
      },
    },
  }),
};
const encoded = (payload: string) => `DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} ${payload}`;
const hashOf = (text: string) => ({ algorithm: 'sha256', value: digestOf(text) });
const newHashOf = (text: string) => ({
  algorithm: 'SHA2_256',
  digest: base64(Buffer.from(digestOf(text), 'hex')),
});

function bodyOf(kindVersion: string, payload: string): Buffer {
  const [kind, apiVersion] = kindVersion.split(' ');
  return Buffer.from(JSON.stringify({ kind, apiVersion, ...ENTRIES[kindVersion]?.(payload) }));
}

/** A published chart, and a monitor of the key that signs statements. */
async function published(...names: readonly string[]) {
  const world = await MonitoredWorld.open();
  const folder = new Folder(await world.subdirectory('charts'));
  const charts = await Promise.all(
    names.map(async (name) => {
      const archive = name === 'hello' ? helloArchive : await chartArchive(name, '0.1.0');
      const file = `${name}-0.1.0.tgz`;
      await folder.write(file, archive);
      return { name, file, archive, sha256: digestOf(archive) };
    }),
  );
  const sigstore = new ForgedSigstore();
  const bundleOf = (payload: string) => JSON.stringify(sigstore.statement(payload, sigstore.signer()));
  const file = await world.write('key.pem', PEM);
  const who = ['--key', file, ...world.user.knowing(world.server), '--state', world.state];
  const pass = async (...places: readonly string[]) => {
    const where = (places.length > 0 ? places : [folder.directory]).flatMap((each) => ['--published', each]);
    return await world.run(['monitor', ...who, ...where, '--output', 'jsonl']);
  };
  return { world, folder, charts, bundleOf, pass };
}

const helloArchive = await chartArchive('hello', '0.1.0');
const own = digestOf(helloArchive);
const mine: Subject = { name: 'hello-0.1.0.tgz', digest: { sha256: own } };

describe('a statement that is signed for a published archive and for another one', () => {
  test.each(Object.keys(ENTRIES))('is an alarm that names the other one: %s', async (kind) => {
    const { world, folder, charts, bundleOf, pass } = await published('hello');
    const payload = statementAbout(mine, { name: 'evil-1.0.0.tgz', digest: { sha256: EVIL } });
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf(kind, payload) });
    const { status, events, stderr } = await pass();
    expect(status).toBe(10);
    const [chart] = charts;
    expect(events[0]).toMatchObject({
      event: 'unknown',
      kind,
      archive: { name: chart?.file, sha256: chart?.sha256 },
      unpublished: [{ name: 'evil-1.0.0.tgz', digests: [`sha256:${EVIL}`] }],
    });
    expect(stderr).toContain(
      `is not published: it is about hello-0.1.0.tgz, and also about evil-1.0.0.tgz (sha256:${EVIL})`,
    );
  });

  test.each(Object.keys(ENTRIES))('is no alarm without the other one: %s', async (kind) => {
    const { world, folder, bundleOf, pass } = await published('hello');
    const payload = statementAbout(mine);
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf(kind, payload) });
    expect(await pass()).toMatchObject({ status: 0, events: [{ event: 'published' }] });
  });

  test.each<[string, Subject[], object[]]>([
    ['nameless', [mine, { digest: { sha256: EVIL } }], [{ digests: [`sha256:${EVIL}`] }]],
    [
      'by another hash function beside that of the archive',
      [{ name: 'hello-0.1.0.tgz', digest: { sha256: own, sha512: digestOf('evil', 'sha512') } }],
      [{ name: 'hello-0.1.0.tgz', digests: [`sha512:${digestOf('evil', 'sha512')}`] }],
    ],
    [
      'by another hash function alone',
      [mine, { name: 'evil', digest: { sha1: 'ab' } }],
      [{ name: 'evil', digests: ['sha1:ab'] }],
    ],
    ['by no digest', [mine, { name: 'evil', digest: {} }], [{ name: 'evil', digests: [] }]],
    [
      'by what is no digest',
      [mine, { name: 'evil', digest: { sha256: [EVIL] } }],
      [{ name: 'evil', digests: ['sha256:?'] }],
    ],
    [
      'by capitals, which others read as the same',
      [mine, { name: 'evil', digest: { sha256: EVIL.toUpperCase() } }],
      [{ name: 'evil', digests: [`sha256:${EVIL.toUpperCase()}`] }],
    ],
    [
      'under a name that is cut where it is too long',
      [mine, { name: 'x'.repeat(1000), digest: { sha256: EVIL } }],
      [{ name: expect.stringMatching(/^x{256}$/) as string, digests: [`sha256:${EVIL}`] }],
    ],
  ])('is an alarm where that is named %s', async (_, subjects, unpublished) => {
    const { world, folder, bundleOf, pass } = await published('hello');
    const payload = statementAbout(...subjects);
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf('dsse 0.0.1', payload) });
    const { status, events } = await pass();
    expect(status).toBe(10);
    expect(events[0]).toMatchObject({ event: 'unknown', unpublished });
  });

  test('names at most ten of them, and how many more there are', async () => {
    const { world, folder, bundleOf, pass } = await published('hello');
    const many = Array.from({ length: 900 }, (_, index) => ({
      name: `evil-${index}`,
      digest: { sha256: digestOf(`${index}`) },
    }));
    const payload = statementAbout(mine, ...many);
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf('dsse 0.0.1', payload) });
    const { events, stderr } = await pass();
    expect(events[0]).toMatchObject({ event: 'unknown', unpublishedNotShown: 890 });
    expect(events[0]?.['unpublished']).toHaveLength(10);
    expect(stderr).toContain(' and 890 more');
  });

  test('of several published archives is published', async () => {
    const { world, folder, charts, bundleOf, pass } = await published('hello', 'other');
    const payload = statementAbout(...charts.map(({ file: name, sha256 }) => ({ name, digest: { sha256 } })));
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf('dsse 0.0.1', payload) });
    const { status, events } = await pass();
    expect(status).toBe(0);
    expect(events[0]).toMatchObject({ event: 'published', archive: { name: 'hello-0.1.0.tgz' } });
  });

  test('is published by the pass after the other one was published, and alarms no more', async () => {
    const { world, folder, bundleOf, pass } = await published('hello');
    const later = await chartArchive('later', '0.1.0');
    const payload = statementAbout(mine, { name: 'later-0.1.0.tgz', digest: { sha256: digestOf(later) } });
    await folder.write('hello-0.1.0.tgz.sigstore.json', bundleOf(payload));
    world.append({ body: bodyOf('dsse 0.0.1', payload) });
    expect(await pass()).toMatchObject({ status: 10 });
    const isTold = async (outcome: string) => {
      const { told } = JSON.parse(await readFile(world.state, 'utf8')) as {
        readonly told: readonly string[];
      };
      return told.some((line) => line.includes(` ${outcome} `));
    };
    expect(await isTold('unknown')).toBe(true);
    await folder.write('later-0.1.0.tgz', later);
    await folder.write('later-0.1.0.tgz.sigstore.json', bundleOf(payload));
    expect(await pass()).toMatchObject({ status: 0 });
    expect(await isTold('published')).toBe(true);
  });

  test('is an alarm also where it is about manifests in a registry', async () => {
    const { world, bundleOf, pass } = await published('hello');
    const registry = await serveRegistry();
    const [one, two] = await Promise.all(
      ['0.1.0', '0.2.0'].map(async (tag) => {
        const archive = await chartArchive('hello', tag);
        return registry.store.addChart('charts/hello', archive, tag).manifest;
      }),
    );
    const places = `oci://${registry.host}/charts/hello`;
    const digests = [one, two].map((manifest) => manifest?.digest.replace('sha256:', '') ?? '');
    const logged = (...named: readonly string[]) => {
      const payload = statementAbout(...named.map((sha256) => ({ digest: { sha256 } })));
      const media = 'application/vnd.dev.sigstore.bundle.v0.3+json';
      const layer = registry.store.addBlob('charts/hello', bundleOf(payload), media);
      const config = registry.store.addBlob('charts/hello', '{}', 'application/vnd.oci.empty.v1+json');
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const attached = {
        schemaVersion: 2,
        mediaType,
        artifactType: media,
        config,
        layers: [layer],
        subject: one,
      };
      registry.store.addManifest('charts/hello', attached);
      world.append({ body: bodyOf('dsse 0.0.1', payload) });
    };
    logged(...digests);
    expect(await pass(places)).toMatchObject({ events: [{ event: 'published' }, { event: 'unlogged' }] });
    logged(digests[0] ?? '', EVIL);
    expect(await pass(places)).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', unpublished: [{ digests: [`sha256:${EVIL}`] }] }],
    });
  });
});

describe('a provenance that is signed for a published archive and for another one', () => {
  /** The chart is published with one provenance, and a second one was logged. */
  async function withProvenances(files: string) {
    const world = await MonitoredWorld.open();
    const archive = await chartArchive('hello', '0.1.0');
    const folder = new Folder(await world.subdirectory('charts'));
    await folder.write('hello-0.1.0.tgz', archive);
    const text = (list: string) => `apiVersion: v2\nname: hello\nversion: 0.1.0\n\n...\nfiles:\n${list}`;
    const line = `  hello-0.1.0.tgz: sha256:${digestOf(archive)}\n`;
    const good = await world.publisher.signText(text(line));
    const evil = await world.publisher.signText(text(`${line}${files}`), { at: 1717200060 });
    const entry = (provenance: Uint8Array) => new ChartEntry(world.publisher, { archive, provenance }).body();
    return { world, folder, archive, good, evil, entry };
  }
  const evilFile = `  evil-1.0.0.tgz: sha256:${EVIL}\n`;

  test('is an alarm that names the other one, where it is the one that lies beside the archive', async () => {
    const { world, folder, evil, entry } = await withProvenances(evilFile);
    await folder.write('hello-0.1.0.tgz.prov', evil);
    world.append({ body: entry(evil) });
    const { status, events } = await world.pass('--published', folder.directory);
    expect(status).toBe(10);
    expect(events[0]).toMatchObject({
      event: 'unknown',
      kind: 'helm 0.0.1',
      archive: { name: 'hello-0.1.0.tgz' },
      unpublished: [{ name: 'evil-1.0.0.tgz', digests: [`sha256:${EVIL}`] }],
    });
  });

  test('is an alarm where another one lies beside the archive: what else it is for, nobody knows', async () => {
    const { world, folder, good, evil, entry } = await withProvenances(evilFile);
    await folder.write('hello-0.1.0.tgz.prov', good);
    world.append({ body: entry(good) });
    expect(await world.pass('--published', folder.directory)).toMatchObject({
      status: 0,
      events: [{ event: 'published' }],
    });
    world.append({ body: entry(evil) });
    const { status, events, stderr } = await world.pass('--published', folder.directory);
    expect(status).toBe(10);
    expect(events).toMatchObject([
      { event: 'unknown', archive: { name: 'hello-0.1.0.tgz' }, unpublished: [] },
    ]);
    expect(stderr).toContain(
      'is not published: it is about hello-0.1.0.tgz, but of another provenance than the one that is beside it',
    );
    // That archive is published, and the alarm is not settled by that.
    expect(await world.pass('--published', folder.directory)).toMatchObject({ status: 0, events: [] });
    expect(await readFile(world.state, 'utf8')).toMatch(/ unknown -"/);
  });

  test('is no alarm where no provenance is known: the log names the published archive alone', async () => {
    const { world, folder, evil, entry } = await withProvenances(evilFile);
    world.append({ body: entry(evil) });
    expect(await world.pass('--published', folder.directory)).toMatchObject({
      status: 0,
      events: [{ event: 'published' }],
    });
  });

  test('is an alarm as a plain signature as well', async () => {
    const { world, folder, evil } = await withProvenances(evilFile);
    await folder.write('hello-0.1.0.tgz.prov', evil);
    const { preimage, spki, hash } = plainSignatureOf(evil, world.publisher.certificate);
    const content = `-----BEGIN PUBLIC KEY-----\n${base64(Buffer.from(spki))}\n-----END PUBLIC KEY-----\n`;
    const data = { hash: { algorithm: hash, value: createHash(hash).update(preimage).digest('hex') } };
    const spec = { data, signature: { content: 'cw==', publicKey: { content: base64(content) } } };
    world.append({ body: Buffer.from(JSON.stringify({ apiVersion: '0.0.1', kind: 'hashedrekord', spec })) });
    const { status, events } = await world.pass('--published', folder.directory);
    expect(status).toBe(10);
    expect(events[0]).toMatchObject({
      event: 'unknown',
      unpublished: [{ name: 'evil-1.0.0.tgz', digests: [`sha256:${EVIL}`] }],
    });
  });

  test('of two published archives is published, by whichever of them the log names', async () => {
    const { world, folder, archive } = await withProvenances(evilFile);
    const other = await chartArchive('other', '0.1.0');
    const both = await world.publisher.signText(
      `apiVersion: v2\nname: hello\nversion: 0.1.0\n\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${digestOf(archive)}\n  other-0.1.0.tgz: sha256:${digestOf(other)}\n`,
    );
    await folder.write('other-0.1.0.tgz', other);
    for (const name of ['hello', 'other']) await folder.write(`${name}-0.1.0.tgz.prov`, both);
    for (const named of [archive, other])
      world.append({ body: new ChartEntry(world.publisher, { archive: named, provenance: both }).body() });
    expect(await world.pass('--published', folder.directory)).toMatchObject({
      status: 0,
      events: [{ event: 'published' }, { event: 'published' }],
    });
  });
});
