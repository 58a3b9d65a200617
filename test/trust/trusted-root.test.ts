import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHex, encodeBase64 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import type { LogKey } from '../../src/tlog/log-key.ts';
import { loadBuiltInRoot } from '../../src/trust/public-good.ts';
import { parseTimestamp } from '../../src/trust/timestamp.ts';
import { parseTrustedRoot } from '../../src/trust/trusted-root.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { vectors } from '../support/vectors.ts';

const { key } = newLogKeys['P-256']();

function log(of: LogKey, keyDetails: string, validFor?: object) {
  return {
    baseUrl: 'https://rekor.example.com',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: encodeBase64(of.publicKey.export({ format: 'der', type: 'spki' })),
      keyDetails,
      ...(validFor && { validFor }),
    },
    logId: { keyId: encodeBase64(decodeHex(of.logId)) },
  };
}

function root(...tlogs: readonly unknown[]) {
  return { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs, ctlogs: [] };
}

const p256 = log(key, 'PKIX_ECDSA_P256_SHA_256');

describe('a trusted root', () => {
  test.each([
    ['P-256', 'PKIX_ECDSA_P256_SHA_256'],
    ['P-384', 'PKIX_ECDSA_P384_SHA_384'],
    ['Ed25519', 'PKIX_ED25519'],
    ['RSA-2048', 'PKIX_RSA_PKCS1V15_2048_SHA256'],
  ] as const)('gives a log with an %s key', (kind, details) => {
    const pair = newLogKeys[kind]();
    const [found, ...others] = parseTrustedRoot(root(log(pair.key, details)));
    expect(found?.url).toBe('https://rekor.example.com');
    expect(found?.key.logId).toBe(pair.key.logId);
    expect(found?.key.publicKey.equals(pair.key.publicKey)).toBe(true);
    expect(others).toEqual([]);
  });

  test('of a newer version is read as well', () => {
    const newer = { ...root(p256), mediaType: 'application/vnd.dev.sigstore.trustedroot.v0.2+json' };
    expect(parseTrustedRoot(newer).length).toBe(1);
  });

  test.each([
    ['no time', undefined, {}],
    ['an empty time', {}, {}],
    ['a start', { start: '2021-01-12T11:53:27Z' }, { validFrom: 1610452407 }],
    [
      'a start and an end',
      { start: '2021-01-12T11:53:27.500Z', end: '2021-01-12T11:53:28Z' },
      { validFrom: 1610452407, validUntil: 1610452408 },
    ],
  ])('with %s says when a key was valid, in seconds', (_, validFor, validity) => {
    const [found] = parseTrustedRoot(root(log(key, 'PKIX_ECDSA_P256_SHA_256', validFor)));
    expect({ ...found?.key, publicKey: key.publicKey }).toEqual({ ...key, ...validity });
  });

  test('may name keys that nobody here can use: they are left out', () => {
    const unknown = log(key, 'PKIX_ML_DSA_65');
    const damaged = { ...unknown, publicKey: { ...unknown.publicKey, rawBytes: '!' } };
    expect(parseTrustedRoot(root(unknown, damaged, p256)).length).toBe(1);
  });

  test('may name logs that are not called by the SHA-256 of their key, as Rekor v2 is: they are left out', () => {
    expect(parseTrustedRoot(root({ ...p256, logId: { keyId: encodeBase64(Buffer.alloc(32)) } }))).toEqual([]);
  });

  test.each([
    [
      'a damaged key',
      root({ ...p256, publicKey: { ...p256.publicKey, rawBytes: 'AAAA' } }),
      'the key of https://rekor.example.com: ',
    ],
    [
      'a key that is not base64',
      root({ ...p256, publicKey: { ...p256.publicKey, rawBytes: '*' } }),
      'not canonical base64',
    ],
    [
      'no time in place of a time',
      root(log(key, 'PKIX_ED25519', { start: 'yesterday' })),
      'expected a time such as',
    ],
    [
      'another media type',
      { ...root(), mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' },
      'mediaType: expected the media type of a trusted root',
    ],
    ['no logs', { mediaType: root().mediaType }, 'tlogs: expected an array, found nothing'],
    ['no log ID', root({ ...p256, logId: undefined }), 'tlogs.0.logId: expected an object, found nothing'],
    ['an array around it', [root()], 'expected an object, found an array'],
  ])('with %s is refused', (_, json, message) => {
    expect(() => parseTrustedRoot(json)).toThrow(message);
    expect(() => parseTrustedRoot(json)).toThrow(MalformedError);
  });

  test('no JSON crashes the parser with anything but MalformedError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('rawBytes', 'keyDetails', 'validFor'), (value, member) => {
        try {
          parseTrustedRoot(root({ ...p256, publicKey: { ...p256.publicKey, [member]: value } }));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});

describe('times', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-25T13:00:00Z', 1795611600],
    ['2026-11-25T13:00:00.999999999Z', 1795611600],
  ])('%s is %i', (text, seconds) => {
    expect(parseTimestamp(text)).toBe(seconds);
  });

  test.each([
    '',
    '2026',
    '2026-11-25',
    '2026-11-25T13:00:00',
    '2026-11-25T13:00:00+00:00',
    '2026-13-25T13:00:00Z',
    '1795611600',
    'now',
  ])('%j is refused', (text) => {
    expect(() => parseTimestamp(text)).toThrow(MalformedError);
  });
});

describe('the built-in root', () => {
  test('has the key of the public log, as published since 2021', async () => {
    const { logs, date } = await loadBuiltInRoot();
    expect(logs.find(({ url }) => url === 'https://rekor.sigstore.dev')?.key).toMatchObject({
      logId: 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
      validFrom: 1610452407,
    });
    expect(date).toBe(parseTimestamp('2026-11-05T00:00:00Z'));
  });

  test.skipIf(!vectors)('is the trusted root that was fetched from Sigstore (needs the vectors)', () => {
    const fetched = readFileSync(join(vectors ?? '', '..', 'trust', 'public-good-trusted_root.json'), 'utf8');
    const builtIn = readFileSync(new URL('../../src/trust/public-good.json', import.meta.url), 'utf8');
    const { trustedRoot } = JSON.parse(builtIn) as { trustedRoot: unknown };
    expect(trustedRoot).toEqual(JSON.parse(fetched));
  });
});
