import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { onTestFinished, describe, expect, test } from 'vitest';
import { extensions, issueCertificate, newSignersAuthority } from '../support/certificate.ts';
import { octets, oid, pem, sequence, text } from '../support/der.ts';
import { FakeTiledLog, type LogLies } from '../support/fake-tiled-log.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { runProgram } from '../support/program.ts';
import { createSigner } from '../support/signer.ts';
import { Folder } from '../support/world/folder.ts';

type Json = Readonly<Record<string, unknown>>;

const NOW = Math.floor(Date.now() / 1000);
const ISSUER = 'https://issuer.example';
const RELEASE = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/v1';

/** A Rekor v2 with entries of others, and a trusted root that names it and an authority for signers. */
async function open(lies: LogLies = {}, before = 300) {
  const folder = await Folder.create();
  onTestFinished(() => folder.close());
  const log = await FakeTiledLog.start(lies, before);
  const authority = newSignersAuthority(NOW);
  const certificates = [authority.intermediate, authority.root].map(({ certificate }) => ({
    rawBytes: certificate.toString('base64'),
  }));
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log.trustedLog],
    certificateAuthorities: [{ certChain: { certificates }, validFor: { start: '2021-01-01T00:00:00Z' } }],
    ctlogs: [],
    timestampAuthorities: [],
  };
  const trustedRoot = await folder.write('root.json', JSON.stringify(root));
  const pass = async (...words: readonly string[]) => {
    const options = ['--state', `${folder.directory}/state.json`, '--trusted-root', trustedRoot];
    const server = words.includes('--rekor-server') ? [] : ['--rekor-server', log.server.url];
    const argv = ['monitor', ...options, ...server, ...words, '--output', 'jsonl'];
    const { status, stdout, stderr } = await runProgram(argv, { home: folder.directory, random: () => 0 });
    const documents = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Json]));
    return { status, events: documents.filter((each) => 'event' in each), last: documents.at(-1), stderr };
  };
  return { folder, log, authority, pass };
}

/** A certificate that says that it is this identity's. @param issuer whose signature it has; undefined: its own */
function certified(
  extension: Buffer,
  issuer: ReturnType<typeof newSignersAuthority>['intermediate'] | undefined,
  more: readonly Buffer[] = [],
) {
  return issueCertificate({
    commonName: 'signer',
    ...(issuer && { issuer }),
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    validFor: [NOW - 60, NOW + 540],
    extensions: [
      extensions.signsData(),
      extensions.codeSigning(),
      extension,
      extensions.issuer(ISSUER),
      ...more,
    ],
  });
}

/** The entry of a signature over these bytes. */
function entryOf(signed: Uint8Array, key: KeyObject, certificate?: Buffer): Buffer {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = certificate
    ? { x509Certificate: { rawBytes: certificate.toString('base64') } }
    : { publicKey: { rawBytes: spki.toString('base64') } };
  const hashedRekordV002 = {
    data: { algorithm: 'SHA2_256', digest: createHash('sha256').update(signed).digest('base64') },
    signature: {
      content: sign('sha256', signed, key).toString('base64'),
      verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifier },
    },
  };
  return Buffer.from(
    JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } }),
  );
}

describe('of a log of Rekor v2', () => {
  test('another log that is trusted as well does not pass for the one that is asked', async () => {
    const { log, pass } = await open();
    const asked = log.server.url.replace('127.0.0.1', 'localhost');
    const found = await pass('--identity', RELEASE, '--rekor-server', asked);
    expect(found).toMatchObject({ status: 5, events: [] });
    expect(found.stderr).toContain('no trusted key signed the checkpoint');
  });

  test('all entries of an identity are found, and nothing but tiles is asked for', async () => {
    const { log, authority, pass } = await open();
    const archive = Buffer.from('an archive');
    const mine = certified(extensions.email('me@example.com'), authority.intermediate);
    log.entries.push(entryOf(archive, mine.key, mine.certificate));
    const stranger = certified(extensions.email('you@example.com'), authority.intermediate);
    log.entries.push(entryOf(archive, stranger.key, stranger.certificate));
    const { status, events, last } = await pass('--identity', 'me@example.com');
    expect(status).toBe(10);
    expect(events).toMatchObject([
      {
        event: 'unknown',
        kind: 'hashedrekord 0.0.2',
        signed: {
          kind: 'digest',
          algorithm: 'sha256',
          hex: createHash('sha256').update(archive).digest('hex'),
        },
        signer: `me@example.com (issuer ${ISSUER})`,
        watched: 'identity me@example.com',
        entry: { treeId: '127.0.0.1', index: 300 },
      },
    ]);
    expect(events[0]?.['entry']).not.toHaveProperty('uuid');
    expect(last).toMatchObject({
      way: 'tiles',
      complete: true,
      trees: [{ treeId: '127.0.0.1', treeSize: 302 }],
    });
    const others = log.server.seen.filter(
      ({ method, url }) => method !== 'GET' || !/checkpoint|tile/.test(url),
    );
    expect(others).toEqual([]);
    expect(await pass('--identity', 'me@example.com')).toMatchObject({ status: 0, events: [] });
  });

  test('a pattern stands for all refs of a workflow, and not for workflows of others', async () => {
    const { log, authority, pass } = await open({}, 2);
    const release = certified(extensions.uri(RELEASE), authority.intermediate, [
      sourceRepository('https://github.com/acme/charts'),
    ]);
    const borrowed = certified(extensions.uri(RELEASE), authority.intermediate, [
      sourceRepository('https://github.com/evil/charts'),
    ]);
    const other = certified(extensions.uri(RELEASE.replace('release', 'test')), authority.intermediate, [
      sourceRepository('https://github.com/acme/charts'),
    ]);
    for (const { key, certificate } of [release, borrowed, other])
      log.entries.push(entryOf(Buffer.from('a'), key, certificate));
    const { events } = await pass('--identity', RELEASE.replace('v1', '*'));
    expect(events).toMatchObject([{ event: 'unknown', entry: { index: 2 } }]);
  });

  test('with an issuer, the identities of others are those of others', async () => {
    const { log, authority, pass } = await open({}, 2);
    const mine = certified(extensions.email('me@example.com'), authority.intermediate);
    log.entries.push(entryOf(Buffer.from('a'), mine.key, mine.certificate));
    const words = ['--identity', 'me@example.com', '--certificate-oidc-issuer'];
    expect(await pass(...words, 'https://other.example')).toMatchObject({ status: 0, events: [] });
    expect(await pass(...words, ISSUER)).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  });

  test('a certificate that nobody vouches for is a claim, which is counted and raises no alarm', async () => {
    const { log, authority, pass } = await open({}, 2);
    const forged = certified(extensions.email('me@example.com'), newSignersAuthority(NOW).intermediate);
    const own = certified(extensions.email('me@example.com'), undefined);
    const { intermediate } = authority;
    // As the authority would issue it, but for its signature.
    const changed = certified(extensions.email('me@example.com'), intermediate);
    const end = changed.certificate.length - 1;
    changed.certificate.writeUInt8(changed.certificate.readUInt8(end) ^ 1, end);
    // Of a time before the authority.
    const early = issueCertificate({
      ...{ commonName: 'signer', issuer: intermediate, validFor: [NOW - 9 * 3600, NOW] },
      extensions: [extensions.email('me@example.com'), extensions.issuer(ISSUER)],
    });
    for (const { key, certificate } of [forged, own, changed, early])
      log.entries.push(entryOf(Buffer.from('a'), key, certificate));
    const { status, events, last } = await pass('--identity', 'me@example.com');
    expect({ status, events }).toEqual({ status: 0, events: [] });
    expect(last).toMatchObject({ claimed: 4, claims: Array(4).fill(`me@example.com (issuer ${ISSUER})`) });
  });

  test('a key of mine is found by itself, and in whatever certificate', async () => {
    const { folder, log, pass } = await open({}, 2);
    const own = certified(extensions.email('somebody@example.com'), undefined);
    log.entries.push(entryOf(Buffer.from('a'), own.key), entryOf(Buffer.from('b'), own.key, own.certificate));
    const spki = createPublicKey(own.key).export({ format: 'der', type: 'spki' });
    const path = await folder.write('me.pem', pem('PUBLIC KEY', spki));
    const { events } = await pass('--key', path);
    expect(events).toMatchObject([
      { event: 'unknown', watched: `key ${path}`, entry: { index: 2 } },
      { event: 'unknown', watched: `key ${path}`, entry: { index: 3 } },
    ]);
  });

  test('a key of mine is found in a certificate that names nobody', async () => {
    const { folder, log, pass } = await open({}, 2);
    const own = issueCertificate({ commonName: 'a', validFor: [NOW - 60, NOW + 540], extensions: [] });
    log.entries.push(entryOf(Buffer.from('a'), own.key, own.certificate));
    const spki = createPublicKey(own.key).export({ format: 'der', type: 'spki' });
    const { status, events } = await pass('--key', await folder.write('me.pem', pem('PUBLIC KEY', spki)));
    expect({ status, events }).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  });

  test('an envelope of mine is found, also where others signed it before me', async () => {
    const { folder, log, pass } = await open({}, 2);
    const [own, other] = [
      certified(extensions.email('me@example.com'), undefined),
      certified(extensions.email('you@example.com'), undefined),
    ];
    const spki = createPublicKey(own.key).export({ format: 'der', type: 'spki' });
    const others = createPublicKey(other.key).export({ format: 'der', type: 'spki' });
    const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
    const chain = Buffer.concat(
      [pem('CERTIFICATE', own.certificate), pem('CERTIFICATE', other.certificate)].map((each) =>
        Buffer.from(each),
      ),
    );
    const v2 = (...keys: readonly Buffer[]) => ({
      apiVersion: '0.0.2',
      kind: 'dsse',
      spec: {
        dsseV002: {
          payloadHash: { algorithm: 'SHA2_256', digest: base64(Buffer.alloc(32, 1)) },
          signatures: keys.map((key) => ({
            content: base64('a signature'),
            verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', publicKey: { rawBytes: base64(key) } },
          })),
        },
      },
    });
    const hash = { algorithm: 'sha256', value: '01'.repeat(32) };
    const sigs = (...pems: readonly (string | Buffer)[]) =>
      pems.map((text) => ({
        signature: base64('s'),
        verifier: base64(text),
        sig: base64(base64('s')),
        publicKey: base64(text),
      }));
    const [mine, theirs] = [pem('PUBLIC KEY', spki), pem('PUBLIC KEY', others)];
    const bodies = [
      v2(spki),
      v2(others, spki),
      { apiVersion: '0.0.1', kind: 'dsse', spec: { payloadHash: hash, signatures: sigs(theirs, mine) } },
      { apiVersion: '0.0.1', kind: 'dsse', spec: { payloadHash: hash, signatures: sigs(chain) } },
      {
        apiVersion: '0.0.2',
        kind: 'intoto',
        spec: { content: { payloadHash: hash, envelope: { signatures: sigs('no PEM', theirs, mine) } } },
      },
      {
        apiVersion: '0.0.1',
        kind: 'intoto',
        spec: { content: { payloadHash: hash }, publicKey: base64(mine) },
      },
      {
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: { data: { hash }, signature: { content: base64('s'), publicKey: { content: base64(chain) } } },
      },
      v2(others),
    ];
    log.entries.push(...bodies.map((body) => Buffer.from(JSON.stringify(body))));
    const { events } = await pass('--key', await folder.write('me.pem', mine));
    expect(events.map(({ entry }) => (entry as { index: number }).index)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(events[0]).toMatchObject({
      kind: 'dsse 0.0.2',
      signed: { kind: 'payload', algorithm: 'sha256', hex: '01'.repeat(32) },
    });
  });

  test('the signature of a provenance is found by the fingerprint of its key, and is that of the chart beside it', async () => {
    const { folder, log, pass } = await open({}, 2);
    const signer = await createSigner({ algorithm: 'p256' });
    const archive = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('an archive')]);
    const provenance = await signer.sign('hello', '0.1.0', archive, { hash: 'sha256' });
    const { preimage, signature, spki, keyDetails } = plainSignatureOf(provenance, signer.certificate);
    const hashedRekordV002 = {
      data: { algorithm: 'SHA2_256', digest: createHash('sha256').update(preimage).digest('base64') },
      signature: {
        content: Buffer.from(signature).toString('base64'),
        verifier: { keyDetails, publicKey: { rawBytes: Buffer.from(spki).toString('base64') } },
      },
    };
    log.entries.push(
      Buffer.from(JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } })),
    );
    const charts = new Folder(await folder.subdirectory('charts'));
    await charts.write('hello-0.1.0.tgz', archive);
    const keyring = await folder.write('keyring.gpg', signer.certificate);
    const who = ['--fingerprint', signer.fingerprint, '--keyring', keyring, '--published', charts.directory];
    // Without its provenance nobody knows what was signed.
    expect(await pass(...who)).toMatchObject({
      status: 10,
      events: [{ event: 'unknown' }, { event: 'unlogged' }],
    });
    await charts.write('hello-0.1.0.tgz.prov', provenance);
    expect(await pass(...who)).toMatchObject({ status: 0, events: [] });
  });

  test('a log that its trusted root does not name is not believed', async () => {
    const [one, two] = [await open({}, 3), await open({}, 3)];
    const { status, stderr } = await one.pass('--email', 'a@b.example', '--rekor-server', two.log.server.url);
    expect(status).toBe(5);
    expect(stderr).toMatch(/Error: no trusted key signed the checkpoint of "127\.0\.0\.1" at /);
  });

  test('its key in PEM is enough to believe it', async () => {
    const { folder, log } = await open({}, 3);
    const { publicKey } = log.trustedLog as { publicKey: { rawBytes: string } };
    const path = await folder.write('log.pem', pem('PUBLIC KEY', Buffer.from(publicKey.rawBytes, 'base64')));
    const argv = ['monitor', '--email', 'a@b.example', '--state', `${folder.directory}/s.json`];
    const trust = ['--rekor-server', log.server.url, '--rekor-public-key', path];
    expect(await runProgram([...argv, ...trust], { home: folder.directory })).toMatchObject({ status: 0 });
  });

  test('a fork is a conflict', async () => {
    const { log, pass } = await open({}, 300);
    expect(await pass('--email', 'a@b.example')).toMatchObject({ status: 0 });
    log.entries[17] = Buffer.from('another one');
    log.entries.push(Buffer.from('and more'));
    expect(await pass('--email', 'a@b.example')).toMatchObject({
      status: 10,
      events: [{ event: 'conflict', treeId: '127.0.0.1' }],
    });
  });
});

/** Fulcio's "Source Repository URI". */
function sourceRepository(url: string): Buffer {
  return sequence(oid('1.3.6.1.4.1.57264.1.12'), octets(text(url)));
}
