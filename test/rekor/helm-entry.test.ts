import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
} from '../../src/encoding.ts';
import { sha256Hex } from '../../src/digest.ts';
import { MalformedError } from '../../src/errors.ts';
import { decodeKeyArmor, encodeArmor } from '../../src/openpgp/armor.ts';
import { keysOf, readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { parseProvenance, type Provenance } from '../../src/provenance/provenance.ts';
import { canonicalBody, parseHelmEntry, proposedEntry } from '../../src/rekor/helm-entry.ts';
import { predictLeaves } from '../../src/rekor/predicted-entry.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { withOneBitFlipped } from '../support/bits.ts';
import { runs } from '../support/property.ts';
import { entriesOf, exchange, predictedUploads, recordedFile } from '../support/recorded.ts';
import { readVector, vectors } from '../support/vectors.ts';

/** The certificate of a key file, armored or not. */
function readKey(bytes: Uint8Array): Certificate {
  const isArmored = bytes[0] === 0x2d;
  const [certificate] = readCertificates(isArmored ? decodeKeyArmor(bytes) : bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

/** The fingerprint of the key of the certificate that the signature names. */
function signingFingerprint({ issuer }: Provenance, certificate: Certificate): string {
  const key = keysOf(certificate).find(
    ({ fingerprint, keyId }) => fingerprint === issuer.fingerprint || keyId === issuer.keyId,
  );
  if (key === undefined) throw new Error('not the signer');
  return key.fingerprint;
}

function predict(provenanceBytes: Uint8Array, keyBytes: Uint8Array) {
  const provenance = parseProvenance(provenanceBytes);
  const certificate = readKey(keyBytes);
  return predictLeaves(provenance, certificate, signingFingerprint(provenance, certificate));
}

function onlyOne<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`${items.length} instead of one`);
  return item;
}

/** The members of a stored entry that hold base64. */
interface StoredEntry {
  readonly spec: {
    readonly publicKey: { readonly content: string };
    readonly chart: { readonly provenance: { readonly signature: { readonly content: string } } };
  };
}

/** What one recorded upload sent, and the entry that came of it. */
function recordedUpload(name: string) {
  const recorded = exchange('catalogue', name);
  const { spec } = JSON.parse(recorded.request.body ?? '') as ReturnType<typeof proposedEntry>;
  const [entry] = entriesOf(recorded);
  if (entry === undefined) throw new Error('no entry');
  const { uuid, ...rest } = entry;
  return {
    request: recorded.request.body,
    provenance: decodeBase64(spec.chart.provenance.content),
    certificate: decodeKeyArmor(decodeBase64(spec.publicKey.content)),
    entry: parseLogEntry({ [uuid]: rest }),
  };
}

describe.skipIf(!vectors)('predictions and a real Rekor 1.5.4 (needs the vectors)', () => {
  test.each(predictedUploads())('$chart: the body and the leaf are those that the log made', (upload) => {
    const [minimised] = predict(
      recordedFile('charts', `${upload.chart}.prov`),
      recordedFile('keys', upload.key),
    );
    expect(minimised?.form).toBe('minimised');
    expect(encodeBase64(minimised?.body ?? new Uint8Array())).toBe(upload.canonicalBody);
    expect(minimised?.leafHash).toBe(upload.uuid.slice(16));
  });

  test.each([
    ['rsa', 'rsa-one-1.0.0', 'rsa-one'],
    ['two-uids-minimised', 'rsa-two-1.0.0', 'rsa-two'],
    ['ed25519', 'ed25519-1.0.0', 'ed25519'],
    ['p256', 'p256-1.0.0', 'p256'],
    ['signing-subkey', 'subkey-1.0.0', 'subkey'],
    ['expired-now', 'expired-1.0.0', 'expired'],
    ['renewed-minimised', 'renewed-1.0.0', 'renewed-merged'],
  ])('create-201-%s: the body is the one that was stored for the minimised key', (name, chart, key) => {
    const { entry } = recordedUpload(`create-201-${name}`);
    const [minimised] = predict(
      recordedFile('catalogue', 'charts', `${chart}.tgz.prov`),
      recordedFile('catalogue', 'keys', `${key}.asc`),
    );
    expect(minimised?.body).toEqual(entry.body);
    expect(minimised?.leafHash).toBe(entry.id.leafHash);
  });

  test('a key that was sent whole is predicted as well', () => {
    const [entry] = entriesOf(exchange('exchanges', 'create-subkey-whole-certificate'));
    const predicted = predict(
      recordedFile('charts', 'subkey-1.0.0.tgz.prov'),
      recordedFile('keys', 'subkey.gpg'),
    );
    expect(predicted.map(({ form }) => form)).toEqual(['minimised', 'whole']);
    expect(predicted[1]?.leafHash).toBe(entry?.uuid.slice(16));
  });

  test('a key that was retired after signing and sent whole is predicted with its revocation', () => {
    const { entry } = recordedUpload('create-201-retired-later');
    const predicted = predict(
      recordedFile('catalogue', 'charts', 'retired-1.0.0.tgz.prov'),
      recordedFile('catalogue', 'keys', 'retired-after.asc'),
    );
    expect(predicted.find(({ form }) => form === 'whole')?.body).toEqual(entry.body);
  });

  test('a key that is least already is predicted once', () => {
    const predicted = predict(
      recordedFile('catalogue', 'charts', 'rsa-one-1.0.0.tgz.prov'),
      recordedFile('catalogue', 'keys', 'rsa-one-minimised.asc'),
    );
    expect(predicted.map(({ form }) => form)).toEqual(['minimised']);
  });

  test('the proposed entry is one that the log accepted, but for a line break after the key', () => {
    const { request, provenance, certificate } = recordedUpload('create-201-rsa');
    const proposed = proposedEntry(provenance, certificate);
    const key = `${decodeUtf8(decodeBase64(proposed.spec.publicKey.content))}\n`;
    const publicKey = { content: encodeBase64(encodeUtf8(key)) };
    expect({ ...proposed, spec: { ...proposed.spec, publicKey } }).toEqual(JSON.parse(request ?? ''));
  });

  test.each([
    'create-201-rsa',
    'create-201-two-uids-whole',
    'create-201-two-signatures',
    'create-201-retired-later',
    'create-201-ed25519',
  ])('%s: the stored entry is read as what was sent', (name) => {
    const { entry, certificate } = recordedUpload(name);
    const parsed = parseHelmEntry(entry.body);
    expect(parsed.certificates.map(({ primary }) => primary)).toEqual(
      readCertificates(certificate).map(({ primary }) => primary),
    );
    // Not ours to build, for user IDs come in any order; but what was read is all that there is.
    expect(sha256Hex(entry.body)).toBe(sha256Hex(rebuild(entry.body)));
  });

  test('a digest in upper case is the same digest', () => {
    const { entry } = recordedUpload('create-201-upper-case-digest');
    expect(parseHelmEntry(entry.body).sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  /** The canonical body of the parts of another. */
  function rebuild(body: Uint8Array): Uint8Array {
    const { sha256, signatureBytes } = parseHelmEntry(body);
    const { spec } = JSON.parse(Buffer.from(body).toString()) as ReturnType<typeof proposedEntry>;
    const certificateBytes = decodeKeyArmor(decodeBase64(spec.publicKey.content));
    return canonicalBody({ sha256, signatureBytes, certificateBytes });
  }
});

describe.skipIf(!vectors)("Rekor's own helm fixture, with its key whole (needs the vectors)", () => {
  test('has the body, the leaf hash, the key and the signature that independent tools found', () => {
    const predicted = predict(
      readVector('rekor', 'test-0.1.0.tgz.prov'),
      readVector('rekor', 'test_helm_armor.pub'),
    );
    const { body, leafHash } = onlyOne(predicted.filter(({ form }) => form === 'whole'));
    expect(body.length).toBe(3149);
    expect(sha256Hex(body)).toBe('932338b7c65863190e6434cf363e91d6420d2bd580dda5ffbac0a83f41c6bc21');
    expect(leafHash).toBe('000a75d990e3832812609d61de8f41e9995fb59424e4449ecd4d2a7176455d2c');

    const { spec } = JSON.parse(Buffer.from(body).toString()) as StoredEntry;
    const key = decodeBase64(spec.publicKey.content);
    expect(key.length).toBe(1732);
    expect(sha256Hex(key)).toBe('0f3d82ac2aced4cdc58256b0524a8952a40b4314c6ef586c6a8f4b2fcf40c138');
    expect(decodeBase64(spec.chart.provenance.signature.content).length).toBe(454);
  });
});

// A version 4 Ed25519 key whose point nobody looks at here, and some bytes that stand for a signature.
const keyBody = decodeHex(`040000000016092b06010401da470f01010740${'11'.repeat(32)}`);
const certificateBytes = Uint8Array.of(0xc6, keyBody.length, ...keyBody);
const signatureBytes = Uint8Array.of(0xc2, 3, 4, 1, 1);
const digest = 'ab'.repeat(32);
const body = canonicalBody({ sha256: digest, signatureBytes, certificateBytes });
const text = Buffer.from(body).toString();

function parse(json: string) {
  return parseHelmEntry(encodeUtf8(json));
}

/** The base64 of armor whose text is changed. */
function changed(type: 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK', change: (armor: string) => string): string {
  const bytes = type === 'PGP SIGNATURE' ? signatureBytes : certificateBytes;
  const armor = encodeArmor(type, bytes);
  return text.replace(encodeBase64(encodeUtf8(armor)), encodeBase64(encodeUtf8(change(armor))));
}

describe('a helm entry', () => {
  test('is canonical: names in order, no white space, no line break at the end', () => {
    expect(text).toMatch(
      /^\{"apiVersion":"0\.0\.1","kind":"helm","spec":\{"chart":\{"hash":\{"algorithm":"sha256","value":"(?:ab){32}"\},"provenance":\{"signature":\{"content":"[^"]+"\}\}\},"publicKey":\{"content":"[^"]+"\}\}\}$/,
    );
  });

  test('is read back as what it was made of', () => {
    const entry = parse(text);
    expect(entry.sha256).toBe(digest);
    expect(entry.signatureBytes).toEqual(Buffer.from(signatureBytes));
    expect(entry.certificates.map(({ primary }) => encodeHex(primary.body))).toEqual([encodeHex(keyBody)]);
  });

  test('of an older server, in another order and with more members, is read all the same', () => {
    const { apiVersion, kind, spec } = JSON.parse(text) as Record<string, unknown>;
    const older = JSON.stringify({ apiVersion, spec, kind, extraData: {} });
    expect(parse(older)).toEqual(parse(text));
    expect(leafHash(encodeUtf8(older))).not.toEqual(leafHash(body));
  });

  test.each([
    ['another kind', text.replace('"helm"', '"rekord"'), 'kind: expected "helm", found "rekord"'],
    ['another version', text.replace('0.0.1', '0.0.2'), 'apiVersion: expected "0.0.1", found "0.0.2"'],
    ['another digest algorithm', text.replace('sha256', 'sha512'), 'expected "sha256", found "sha512"'],
    ['a short digest', text.replace(digest, 'abab'), 'not a SHA-256 digest'],
    [
      'no signature',
      text.replace('"signature"', '"content"'),
      'signature: expected an object, found nothing',
    ],
    ['no key', text.replace('"publicKey"', '"key"'), 'spec.publicKey: expected an object, found nothing'],
    [
      'two kinds',
      text.replace('"kind":"helm"', '"kind":"rekord","kind":"helm"'),
      'names the member "kind" twice',
    ],
    ['two digests', text.replace('"value"', '"value":"00","value"'), 'names the member "value" twice'],
    ['two keys', text.replace('"publicKey"', '"publicKey":{"content":""},"publicKey"'), '"publicKey" twice'],
    ['data after it', `${text}{}`, 'expected JSON'],
    ['an array around it', `[${text}]`, 'expected an object, found an array'],
    [
      'a number for the key',
      text.replace(/"publicKey":.*/, '"publicKey":7}}'),
      'publicKey: expected an object',
    ],
    [
      'armor of a key for the signature',
      changed('PGP SIGNATURE', (armor) => armor.replaceAll('SIGNATURE', 'PUBLIC KEY BLOCK')),
      'BEGIN PGP SIGNATURE',
    ],
    ['armor without an end', changed('PGP SIGNATURE', (armor) => armor.slice(0, -20)), 'END PGP SIGNATURE'],
    [
      'armor with a wrong checksum',
      changed('PGP SIGNATURE', (armor) => armor.replace(/\n=.{4}/, '\n=AAAA')),
      'checksum',
    ],
    [
      'text before the armor',
      changed('PGP PUBLIC KEY BLOCK', (armor) => `x\n${armor}`),
      'BEGIN PGP PUBLIC KEY BLOCK',
    ],
    [
      'a second block',
      changed('PGP PUBLIC KEY BLOCK', (armor) => `${armor}\n${armor}`),
      'nothing after the block',
    ],
    [
      'a secret key',
      changed('PGP PUBLIC KEY BLOCK', (armor) => armor.replaceAll('PUBLIC', 'PRIVATE')),
      'BEGIN PGP PUBLIC KEY BLOCK',
    ],
    ['armor that is not base64', text.replace(/("content":")[^"]+/, '$1***'), 'not canonical base64'],
  ])('with %s is refused', (_, json, message) => {
    expect(() => parse(json)).toThrow(message);
    expect(() => parse(json)).toThrow(MalformedError);
  });

  test('no flipped bit crashes the parser with anything but MalformedError', () => {
    fc.assert(
      fc.property(withOneBitFlipped(body), (bytes) => {
        try {
          parseHelmEntry(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      runs(2000),
    );
  });

  test('no packets in it crash the parser with anything but MalformedError', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (signature, certificate) => {
        try {
          parseHelmEntry(
            canonicalBody({ sha256: digest, signatureBytes: signature, certificateBytes: certificate }),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});
