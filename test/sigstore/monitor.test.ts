import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { chartArchive, writeSignedChart } from '../support/chart.ts';
import type { World } from '../support/world/world.ts';
import { SigningWorld } from './signing-world.ts';
import type { Sigstore } from './stack/sigstore.ts';

type Json = Readonly<Record<string, unknown>>;

const binaries = inject('sigstore');
const EMAIL = 'publisher@example.com';

describe.skipIf(binaries === undefined)('monitor, of a real Rekor v2 (needs Go: no real Sigstore)', () => {
  let signing: SigningWorld;
  let sigstore: Sigstore;
  let world: World;

  beforeAll(async () => {
    if (binaries === undefined) return;
    signing = await SigningWorld.open(binaries);
    ({ sigstore, world } = signing);
  });

  afterAll(() => signing.close());

  /** Signs the chart by an identity, in a folder of its own. */
  async function signed(name: string, email: string, format = 'statement'): Promise<string> {
    let chart = await signing.chart(name);
    const folder = path.dirname(chart);
    if (name === 'rogue') {
      await rm(chart);
      chart = path.join(folder, 'rogue-0.1.0.tgz');
      await writeFile(chart, await chartArchive('rogue', '0.1.0'));
    }
    expect(await signing.sign(chart, email, '--format', format)).toMatchObject({ status: 0 });
    return folder;
  }

  /** Logs signatures by keys of nobody, as others do. */
  async function logOthers(count: number): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rawBytes = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const post = async (index: number) => {
      const bytes = Buffer.from(`other ${index}`);
      const digest = createHash('sha256').update(bytes).digest('base64');
      const content = sign('sha256', bytes, privateKey).toString('base64');
      const verifier = { publicKey: { rawBytes }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' };
      const body = JSON.stringify({ hashedRekordRequestV002: { digest, signature: { content, verifier } } });
      const headers = { 'content-type': 'application/json' };
      const url = `${sigstore.servers.rekor.url}/api/v2/log/entries`;
      expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(201);
    };
    for (let at = 0; at < count; at += 50)
      await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, index) => post(at + index)));
  }

  async function pass(state: string, ...words: readonly string[]) {
    const log = ['--rekor-server', sigstore.servers.rekor.url, '--trusted-root', sigstore.trustedRoot];
    const argv = [
      'monitor',
      ...log,
      '--state',
      path.join(sigstore.directory, state),
      ...words,
      '--output',
      'jsonl',
    ];
    const { status, stdout, stderr } = await world.run(argv);
    const documents = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Json]));
    return { status, events: documents.filter((each) => 'event' in each), last: documents.at(-1), stderr };
  }

  it('finds each signature of an identity among those of others, and knows what is published by the bundle beside it', async () => {
    const statement = await signed('statement', EMAIL);
    await logOthers(300);
    const message = await signed('message', EMAIL, 'message');
    await signed('by-another', 'other@example.com');
    const who = ['--identity', EMAIL, '--certificate-oidc-issuer', sigstore.servers.people.url];
    const published = ['--published', statement, '--published', message];
    const first = await pass('identity.json', ...who, ...published);
    expect(first.stderr).not.toContain('Error:');
    expect(first).toMatchObject({
      status: 0,
      events: [
        { event: 'published', kind: 'hashedrekord 0.0.2', watched: `identity ${EMAIL}` },
        { event: 'published', kind: 'hashedrekord 0.0.2' },
      ],
      last: { way: 'tiles', complete: true, trees: [{ treeId: '127.0.0.1', treeSize: 303, examined: 303 }] },
    });
    expect(await pass('identity.json', ...who, ...published)).toMatchObject({ status: 0, events: [] });
    // Somebody signs with the identity, and publishes that nowhere.
    await rm(await signed('rogue', EMAIL), { recursive: true });
    const rogue = await pass('identity.json', ...who, ...published);
    expect(rogue).toMatchObject({ status: 10, events: [{ event: 'unknown', entry: { index: 303 } }] });
    expect(await pass('other.json', ...who)).toMatchObject({ status: 10, last: { counts: { unknown: 3 } } });
  });

  it('finds the signature of a provenance by the fingerprint of its key', async () => {
    const signer = await createSigner({ algorithm: 'p521' });
    const folder = await world.subdirectory('provenance');
    const chart = await writeSignedChart(folder, signer, { name: 'own' });
    const options = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot];
    const uploaded = await world.run([
      ...['upload', chart.path, '--rekor-version', '2', '--keyring', chart.keyring, ...options],
    ]);
    expect(uploaded).toMatchObject({ status: 0 });
    const who = ['--fingerprint', signer.fingerprint, '--keyring', chart.keyring];
    expect(await pass('key.json', ...who, '--published', folder)).toMatchObject({
      status: 0,
      events: [
        { event: 'published', archive: { name: 'own-0.1.0.tgz' }, watched: `openpgp ${signer.fingerprint}` },
      ],
    });
    expect(await pass('key-alone.json', ...who)).toMatchObject({
      status: 10,
      events: [{ event: 'unknown' }],
    });
  });

  it('goes on where it was, in passes of a bounded length', async () => {
    const statuses: number[] = [];
    for (let passes = 0; passes < 5 && statuses.at(-1) !== 0; passes++)
      statuses.push(
        (await pass('bounded.json', '--email', 'nobody@example.com', '--max-entries', '256')).status,
      );
    expect(statuses).toEqual([5, 0]);
  });
});
