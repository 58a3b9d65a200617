import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../src/http/deadline.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { signingConfigOf } from '../sigstore/stack/signing-config.ts';
import { extensions } from '../support/certificate.ts';
import { FakeTiledLog } from '../support/fake-tiled-log.ts';
import { pem } from '../support/der.ts';
import { answer, serve } from '../support/loopback.ts';
import { chartOf, identityContext, signOne } from './context.ts';
import {
  certificatesReply,
  entryReply,
  fakeSigstore,
  fakeToken,
  HUGE,
  leafExtensions,
  PAGE,
  refusing,
  SIGNER,
  SILENCE,
  timestampReply,
  type EntryRequest,
  type FakeSigstore,
  type Lies,
  type Reply,
} from './fake-sigstore.ts';

const ARCHIVE = Buffer.from('an archive');
const SECONDS = Math.floor(Date.now() / 1000);

/** Signs with servers that lie, and returns what was thrown. */
async function failure(
  lies: Lies,
  token = fakeToken(),
  limits: Partial<Limits> = {},
): Promise<Error & { readonly code: string }> {
  const sigstore = await fakeSigstore(lies);
  return await failureAt(sigstore, token, limits);
}

async function failureAt(
  { signingConfig }: FakeSigstore,
  token: string,
  limits: Partial<Limits> = {},
): Promise<Error & { readonly code: string }> {
  const context = identityContext({ env: { SIGSTORE_ID_TOKEN: token }, limits });
  return await signOne(chartOf(ARCHIVE), { signingConfig }, context).then(
    () => {
      throw new Error('expected it to fail');
    },
    (error: unknown) => error as Error & { readonly code: string },
  );
}

it('honest servers are believed', async () => {
  const { signingConfig } = await fakeSigstore();
  const context = identityContext({ env: { SIGSTORE_ID_TOKEN: fakeToken() } });
  const { certificate, times } = await signOne(chartOf(ARCHIVE), { signingConfig }, context);
  expect(certificate.named).toBe(`email:${SIGNER}`);
  expect(times).toHaveLength(1);
});

describe('a certificate authority', () => {
  const other = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const valid = (from: number, until: number) => ({ validFor: [SECONDS + from, SECONDS + until] as const });

  it.each<[string, NonNullable<Lies['authority']>, string]>([
    ['a page', () => PAGE, 'an HTML page'],
    ['nothing', () => ({}), 'there is no certificate in it'],
    ['an empty chain', () => certificatesReply([]), 'one certificate or more'],
    ['something else', () => certificatesReply(['-----BEGIN CERTIFICATE-----\nAA==\n']), 'is none'],
    ['one for another key', (_, certify) => certificatesReply(certify({ key: other() })), 'another key'],
    [
      'one whose key nobody knows',
      (_, certify) => certificatesReply([ofAnUnknownCurve(certify()[0] ?? '')]),
      'is none',
    ],
    [
      'one that names somebody else',
      (_, certify) =>
        certificatesReply(certify({ extensions: leafExtensions(extensions.email('x@example.com')) })),
      'names "x@example.com" (email), and not who was announced',
    ],
    [
      'one that names a URI',
      (_, certify) => certificatesReply(certify({ extensions: leafExtensions(extensions.uri(SIGNER)) })),
      `names "${SIGNER}" (URI), and not`,
    ],
    [
      'one that names nobody',
      (_, certify) => certificatesReply(certify({ extensions: [extensions.codeSigning()] })),
      'names nobody',
    ],
    [
      'one that is not for code',
      (_, certify) => certificatesReply(certify({ extensions: [extensions.email(SIGNER)] })),
      'not for signatures over code',
    ],
    ['one of yesterday', (_, certify) => certificatesReply(certify(valid(-86_400, -86_000))), 'the clock'],
    ['one of tomorrow', (_, certify) => certificatesReply(certify(valid(86_000, 86_400))), 'the clock'],
    [
      'no chain',
      (_, certify) => certificatesReply([...certify().slice(0, 1), ...certify().slice(2)]),
      'no chain',
    ],
    [
      'a chain of eleven',
      (_, certify) => certificatesReply(Array.from({ length: 11 }, () => certify()[0] ?? '')),
      'at most 10 certificates',
    ],
    [
      'one whose promise is elsewhere',
      (_, certify) => ({ signedCertificateDetachedSct: { chain: { certificates: certify() } } }),
      'without a promise',
    ],
  ])('that answers with %s gives no signature', async (_, authority, message) => {
    const sigstore = await fakeSigstore({ authority });
    const error = await failureAt(sigstore, fakeToken());
    expect(error).toMatchObject({ code: 'LOG_ANSWER' });
    expect(error.message).toContain(message);
    expect([...sigstore.log.seen, ...sigstore.timestamps.seen]).toEqual([]);
  });

  const ways: readonly [string, (token: string) => string][] = [
    ['whole', (token) => token],
    ['in a sentence', (token) => `the token "${token}" is no good`],
    ['in part', (token) => token.slice(0, 30)],
    ['its end', (token) => token.slice(-30)],
    ['in capitals', (token) => token.toUpperCase()],
    ['with blanks', (token) => token.replaceAll(/(.{8})/g, '$1 ')],
    ['with quotes', (token) => token.replaceAll(/(.{30})/g, "$1'")],
    ['in base64', (token) => Buffer.from(token).toString('base64')],
    ['in hexadecimal', (token) => Buffer.from(token).toString('hex')],
    [
      'percent-encoded',
      (token) =>
        Array.from(token)
          .map((each) => `%${each.charCodeAt(0).toString(16)}`)
          .join(''),
    ],
    ['backwards', (token) => Array.from(token).reverse().join('')],
  ];
  const places: readonly [string, (text: string) => Reply, string][] = [
    ['a refusal', (text) => refusing(400, text), 'LOG_REFUSED'],
    ['a failure', (text) => refusing(503, text), 'LOG_UNREACHABLE'],
    [
      'a text',
      (text) => (response) => {
        response.end(text);
      },
      'LOG_ANSWER',
    ],
    ['a certificate', (text) => certificatesReply([text]), 'LOG_ANSWER'],
    ['a member', (text) => ({ signedCertificateEmbeddedSct: text }), 'LOG_ANSWER'],
  ];
  describe.each(places)('that repeats the token in %s', (_, reply, code) => {
    it.each(ways)('%s: nobody sees it', async (__, spell) => {
      const token = fakeToken();
      const spelt = spell(token);
      const error = await failure({ authority: () => reply(spelt) }, token);
      expect(error.code).toBe(code);
      const shown = `${error.message} ${String(error.stack)} ${JSON.stringify(error)}`.replaceAll(
        /[ "'\\]/g,
        '',
      );
      for (const secret of [token, spelt, spell(token.slice(-40))].map((each) =>
        each.replaceAll(/[ "']/g, ''),
      ))
        for (let at = 0; at + 16 <= secret.length; at += 4)
          expect(shown).not.toContain(secret.slice(at, at + 16));
    });
  });

  it('that refuses in words is quoted', async () => {
    const error = await failure({ authority: () => refusing(401, 'email_verified claim was false') });
    expect(error.message).toContain('email_verified claim was false');
  });
});

describe('a log', () => {
  const altered =
    (change: (request: EntryRequest['hashedRekordRequestV002']) => object) => (request: EntryRequest) =>
      entryReply({
        hashedRekordRequestV002: {
          ...request.hashedRekordRequestV002,
          ...change(request.hashedRekordRequestV002),
        },
      });
  const BYTES = Buffer.alloc(32, 1).toString('base64');
  const proof = (request: EntryRequest, changes: object) => {
    const { inclusionProof } = entryReply(request) as { inclusionProof: object };
    return entryReply(request, { inclusionProof: { ...inclusionProof, ...changes } });
  };

  it.each<[string, NonNullable<Lies['log']>, string]>([
    ['a page', () => PAGE, 'an HTML page'],
    [
      'another signature',
      altered(({ signature }) => ({ signature: { ...signature, content: BYTES } })),
      'another signature',
    ],
    ['another digest', altered(() => ({ digest: BYTES })), 'another signature'],
    [
      'another certificate',
      altered(({ signature }) => ({
        signature: { ...signature, verifier: { x509Certificate: { rawBytes: BYTES } } },
      })),
      'another signature',
    ],
    [
      'another kind',
      (request) => entryReply(request, { kindVersion: { kind: 'dsse', version: '0.0.2' } }),
      '"hashedrekord"',
    ],
    ['another index', (request) => entryReply(request, { logIndex: '5' }), 'different indexes'],
    ['no log', (request) => entryReply(request, { logId: { keyId: '' } }), 'names no log'],
    ['a number that is none', (request) => entryReply(request, { logIndex: '-1' }), 'a decimal number'],
    ['a proof of another root', (request) => proof(request, { rootHash: BYTES }), 'another tree'],
    ['a proof of another size', (request) => proof(request, { treeSize: '2' }), 'another tree'],
    ['a longer proof', (request) => proof(request, { hashes: [BYTES] }), 'does not fit'],
    ['no checkpoint', (request) => proof(request, { checkpoint: { envelope: '' } }), 'makes no sense'],
    [
      'a body of something else',
      (request) => entryReply(request, { canonicalizedBody: Buffer.from('{}').toString('base64') }),
      'apiVersion',
    ],
  ])('that answers with %s gives no signature', async (_, log, message) => {
    const error = await failure({ log });
    expect(error).toMatchObject({ code: 'LOG_ANSWER' });
    expect(error.message).toContain(message);
  });

  it('that has the entry already gets another signature', async () => {
    const sigstore = await fakeSigstore({
      log: (request, asked) =>
        asked === 1 ? refusing(409, 'an equivalent entry already exists') : entryReply(request),
    });
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: fakeToken() } });
    await signOne(chartOf(ARCHIVE), { signingConfig: sigstore.signingConfig }, context);
    const [first, second] = sigstore.log.seen.map(({ body }) => body);
    expect(sigstore.log.seen).toHaveLength(2);
    expect(first).not.toBe(second);
    expect(sigstore.authority.seen).toHaveLength(1);
  });

  it('that took the entry, and whose answer was lost, shows it in its tiles', async () => {
    let asked = 0;
    const log = await FakeTiledLog.start({
      post: (request, log) => {
        asked += 1;
        if (asked > 1) return 'honest';
        log.append(request);
        return { status: 502, body: 'lost' };
      },
    });
    const { authority, timestamps, signingConfig } = await fakeSigstore();
    const servers = { fulcio: authority, people: authority, rekor: log.server, timestamps };
    await writeFile(signingConfig, JSON.stringify(signingConfigOf(servers, '2020-01-01T00:00:00Z')));
    const trusted = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log.trustedLog],
    };
    const context = identityContext({
      env: { SIGSTORE_ID_TOKEN: fakeToken() },
      trustedKeys: parseSigstoreTrust(trusted).logs,
    });
    const { logged } = await signOne(chartOf(ARCHIVE), { signingConfig }, context);
    expect(logged).toEqual({ url: log.server.url, logIndex: '0' });
    expect(log.read).toContain('/api/v2/checkpoint');
    expect(log.entries).toHaveLength(1);
  });

  it('that has every entry already is not asked for ever', async () => {
    const error = await failure({ log: () => refusing(409, 'an equivalent entry already exists') });
    expect(error).toMatchObject({ code: 'LOG_ANSWER' });
  });
});

describe('a timestamp authority', () => {
  it.each<[string, NonNullable<Lies['timestamps']>, string]>([
    ['a page', () => PAGE, 'makes no sense'],
    ['nothing', () => Buffer.alloc(0), 'ends too early'],
    ['a refusal', (request) => timestampReply(request, { status: 2 }), 'not granted'],
    [
      'another digest',
      (request) => timestampReply(request, { digest: Buffer.alloc(32, 1) }),
      'something else',
    ],
    [
      'another kind of digest',
      (request) => timestampReply(request, { algorithm: '2.16.840.1.101.3.4.2.3' }),
      'another kind',
    ],
    [
      'another nonce',
      (request) => timestampReply(request, { nonce: Buffer.alloc(6, 0x41) }),
      'another request',
    ],
    [
      'a time of last year',
      (request) => timestampReply(request, { time: SECONDS - 31_536_000 }),
      'dated between',
    ],
    [
      'a time of next year',
      (request) => timestampReply(request, { time: SECONDS + 31_536_000 }),
      'dated between',
    ],
    ['something behind', (request) => Buffer.concat([timestampReply(request), Buffer.of(0)]), 'follows'],
  ])('that answers with %s gives no signature', async (_, timestamps, message) => {
    const error = await failure({ timestamps });
    expect(error).toMatchObject({ code: 'LOG_ANSWER' });
    expect(error.message).toContain(message);
  });
});

describe.each(['authority', 'log', 'timestamps'] as const)('any server (%s)', (name) => {
  it('that answers with too much is stopped', async () => {
    expect(await failure({ [name]: () => HUGE })).toMatchObject({ code: 'LOG_ANSWER' });
  });

  it('that answers nothing is not waited for', async () => {
    const error = await failure({ [name]: () => SILENCE }, fakeToken(), { request: 1000 });
    expect(error).toMatchObject({ code: 'LOG_UNREACHABLE' });
  });

  it.each([301, 302, 303, 307, 308])('that leads elsewhere (%d) is not followed', async (status) => {
    const elsewhere = await serve(answer(200, '{}'));
    const error = await failure({
      [name]: () => (response: Parameters<Extract<Reply, (...all: never[]) => unknown>>[0]) => {
        response.writeHead(status, { location: elsewhere.url }).end();
      },
    });
    expect(error).toMatchObject({ code: 'LOG_ANSWER' });
    expect(error.message).toContain('redirects');
    expect(elsewhere.seen).toEqual([]);
  });
});

/** The certificate with a curve for its key that does not exist. */
function ofAnUnknownCurve(certificate: string): string {
  const bytes = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  bytes[bytes.indexOf(Buffer.from('2a8648ce3d030107', 'hex')) + 7] = 0x7f;
  return pem('CERTIFICATE', bytes);
}
