import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import {
  logKeyFromPem,
  logKeyFromSpki,
  logKeysFromPemFile,
  signWith,
  verifySignature,
} from '../../src/tlog/log-key.ts';
import { withOneBitFlipped } from '../support/bits.ts';
import { newLogKeys } from '../support/log-keys.ts';

const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;
const one = newLogKeys['P-256']().key;
const two = newLogKeys.Ed25519().key;

describe('logKeyFromSpki', () => {
  it('the log ID is the digest of the encoded key', () => {
    const der = spki(one.publicKey);
    const validity = { validFrom: 5, validUntil: 7 };
    expect(logKeyFromSpki(der, validity)).toMatchObject({ logId: sha256Hex(der), ...validity });
  });

  it.each([
    ['RSA-1024', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey],
    ['secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
    ['X25519', () => generateKeyPairSync('x25519').publicKey],
    ['Ed448', () => generateKeyPairSync('ed448').publicKey],
  ])('a key of the kind %s is refused', (_, generate) => {
    expect(() => logKeyFromSpki(spki(generate()))).toThrow('expected a P-256, P-384, Ed25519 or RSA key');
  });

  it('one key has one encoding: bytes behind it are refused', () => {
    const der = spki(one.publicKey);
    expect(() => logKeyFromSpki(Buffer.concat([der, Buffer.of(0)]))).toThrow(MalformedError);
    expect(() => logKeyFromSpki(der.subarray(1))).toThrow(MalformedError);
    expect(() => logKeyFromSpki(new Uint8Array())).toThrow(MalformedError);
  });
});

describe('PEM', () => {
  it('all public keys of a file are read, in its order, whatever stands between them', () => {
    const file = `\ufeffkeys of our log\n${pem(one.publicKey)}\nand\r\n${pem(two.publicKey).replaceAll('\n', '\r\n')}`;
    expect(logKeysFromPemFile(file).map((key) => key.logId)).toEqual([one.logId, two.logId]);
  });

  it('a file of one key can be asked for just one', () => {
    expect(logKeyFromPem(pem(one.publicKey)).logId).toBe(one.logId);
    expect(() => logKeyFromPem(pem(one.publicKey) + pem(two.publicKey))).toThrow('expected, found 2');
  });

  it.each([
    ['nothing', '', 'found no PEM block'],
    ['a block that is cut', pem(one.publicKey).slice(0, 100), 'found "PUBLIC KEY"'],
    ['a good and a cut block', pem(one.publicKey) + pem(two.publicKey).slice(0, 60), 'found "PUBLIC KEY"'],
    ['a block that is not base64', pem(one.publicKey).replace('M', '*'), 'not canonical base64'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'found "CERTIFICATE"',
    ],
  ])('a file that holds %s is refused', (_, text, message) => {
    expect(() => logKeysFromPemFile(text)).toThrow(message);
  });

  it('a private key given by mistake is refused, and not shown', () => {
    const { privateKey } = newLogKeys['P-256']();
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const label = 'PRIVATE KEY';
    expect(() => logKeysFromPemFile(text)).toThrow(
      new MalformedError(`expected whole PEM blocks "PUBLIC KEY", found "${label}"`),
    );
  });
});

describe('verifySignature', () => {
  const data = encodeUtf8('what the log says');

  it.each(Object.entries(newLogKeys))(
    'no bit of a %s signature, or of what it signs, can be turned',
    (_, newKeys) => {
      const { key, privateKey } = newKeys();
      const signature = signWith(privateKey, data);
      expect(verifySignature(key, data, signature)).toBe(true);
      fc.assert(
        fc.property(withOneBitFlipped(signature), withOneBitFlipped(data), (forged, otherData) => {
          expect(verifySignature(key, data, forged)).toBe(false);
          expect(verifySignature(key, otherData, signature)).toBe(false);
        }),
      );
    },
  );

  it.each(Object.entries(newLogKeys))(
    'bytes that are no %s signature are refused without a crash',
    (_, newKeys) => {
      const { key } = newKeys();
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          expect(verifySignature(key, data, bytes)).toBe(false);
        }),
      );
    },
  );

  it('what was found true of one signature is true of no other one, nor under another key', () => {
    const { key, privateKey } = newLogKeys['P-256']();
    const { key: other } = newLogKeys['P-256']();
    const signature = signWith(privateKey, data);
    expect(verifySignature(key, data, signature)).toBe(true);
    const shifted = [data.subarray(0, -1), Buffer.concat([data.subarray(-1), signature])] as const;
    expect(verifySignature(key, ...shifted)).toBe(false);
    expect(verifySignature(other, data, signature)).toBe(false);
    expect(verifySignature(key, data, signature)).toBe(true);
  });

  it('is right about the first signature and the last one of hundreds', () => {
    const { key, privateKey } = newLogKeys.Ed25519();
    const signed = Array.from({ length: 300 }, (_, n) => {
      const text = encodeUtf8(`entry ${n}`);
      return { text, signature: signWith(privateKey, text) };
    });
    for (const { text, signature } of [...signed, ...signed]) {
      expect(verifySignature(key, text, signature)).toBe(true);
      expect(verifySignature(key, encodeUtf8('another'), signature)).toBe(false);
    }
  });
});
