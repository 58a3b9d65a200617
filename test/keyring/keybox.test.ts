import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { isKeybox, scanKeybox } from '../../src/keyring/keybox.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import type { ScannedCertificate } from '../../src/keyring/scan.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { readVector, vectors } from '../support/vectors.ts';

let signer: TestSigner;
let other: TestSigner;
beforeAll(async () => {
  signer = await createSigner({ subkey: {} });
  other = await createSigner();
});

describe('a keybox', () => {
  it('is known by its first record, and its OpenPGP keys are read', () => {
    const bytes = keybox(keyboxRecord(signer.certificate));
    expect(isKeybox(bytes)).toBe(true);
    const [{ primary, subkeys, ...place } = expect.fail('no key'), ...more] = scanKeybox(bytes);
    expect(more).toEqual([]);
    expect({ primary, subkeys }).toEqual({
      primary: signer.fingerprint,
      subkeys: [signer.signingFingerprint],
    });
    expect(hex(packetsAt(place))).toBe(hex(signer.certificate));
    expect(openKeyring([{ place: 'pubring.kbx', bytes }]).places).toEqual([
      { place: 'pubring.kbx', keys: 1 },
    ]);
  });

  it('may hold no keys', () => {
    expect(openKeyring([{ place: 'pubring.kbx', bytes: keybox() }]).places).toEqual([
      { place: 'pubring.kbx', keys: 0 },
    ]);
  });

  it.each([
    ['deleted records', () => keyboxRecord(signer.certificate, { type: 0 })],
    ['X.509 certificates', () => keyboxRecord(signer.certificate, { type: 3 })],
    ['ephemeral records', () => keyboxRecord(signer.certificate, { flags: 2 })],
    ['keys of unknown versions', () => keyboxRecord(Buffer.from('c60105', 'hex'))],
  ])('is read without its %s', (_, record) => {
    expect(primariesIn(keybox(record(), keyboxRecord(other.certificate)))).toEqual([other.fingerprint]);
  });

  it('has version 1 or 2 records, and checksums by SHA-1 or, of old, by MD5', () => {
    const content = keyboxRecord(signer.certificate, { version: 2 });
    const old = content.subarray(0, -20);
    const md5 = createHash('md5').update(old).digest();
    expect(primariesIn(keybox(content, Buffer.concat([old, Buffer.alloc(4), md5])))).toEqual([
      signer.fingerprint,
      signer.fingerprint,
    ]);
  });

  it.each([
    [
      'a record of unknown version',
      () => keyboxRecord(signer.certificate, { version: 3 }),
      'unknown version 3',
    ],
    [
      'a record that goes on after the end',
      () => keyboxRecord(signer.certificate).subarray(0, -1),
      'offset 32',
    ],
    ['half a length', () => Buffer.from('0000', 'hex'), 'offset 32'],
    ['a record of length 0', () => Buffer.alloc(64), 'offset 32'],
    [
      'a key outside its record',
      () => keyboxRecord(signer.certificate, { keyblockLength: 10_000 }),
      'does not add up',
    ],
    ['more index than there is', () => keyboxRecord(signer.certificate, { keys: 900 }), 'does not add up'],
    ['no index', () => keyboxRecord(signer.certificate, { keys: 0 }), 'does not add up'],
    ['something else than a key', () => keyboxRecord(Buffer.from('c20104', 'hex')), 'does not add up'],
    ['a record shorter than its fields', () => Buffer.from('000000080201ffff', 'hex'), 'does not add up'],
  ])('with %s is refused', (_, record, message) => {
    expect(() => scanKeybox(keybox(record()))).toThrow(message);
  });

  it('with any bit of a record changed is refused, or that record is no key any more', () => {
    const bytes = keybox(keyboxRecord(other.certificate));
    for (let bit = 32 * 8; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const keys = unlessMalformed(() => scanKeybox(forged));
      expect(keys === undefined || keys.length === 0).toBe(true);
    }
  });

  it('cut anywhere is refused, or read to the record before', () => {
    const bytes = keybox(keyboxRecord(other.certificate));
    for (let length = 32; length < bytes.length; length++) {
      const keys = unlessMalformed(() => scanKeybox(bytes.subarray(0, length)));
      expect(keys === undefined || (length === 32 && keys.length === 0)).toBe(true);
    }
  });

  it('that calls a key by the name of another makes it neither', () => {
    const lying = keybox(keyboxRecord(other.certificate, { index: [signer.fingerprint] }));
    const keyring = openKeyring([{ place: 'pubring.kbx', bytes: lying }]);
    for (const { fingerprint } of [signer, other])
      expect(keyring.find({ fingerprint, keyId: undefined })).toEqual([]);
    expect(keyring.all()).toEqual([]);
  });
});

describe.skipIf(!vectors)('the keybox of a real GnuPG 2.4 (needs the vectors)', () => {
  it('holds the keys that its index names; the one of unknown version is skipped', () => {
    const bytes = readVector('keybox', 'gpg24-mixed.kbx');
    const found = scanKeybox(bytes);
    expect(found).toHaveLength(42);
    for (const { primary, subkeys, ...place } of found) {
      const [certificate = expect.fail('no certificate'), ...more] = readCertificates(packetsAt(place));
      expect(more).toEqual([]);
      expect([primary, ...subkeys]).toEqual([
        certificate.primary.fingerprint,
        ...certificate.subkeys.map(({ key }) => key.fingerprint),
      ]);
    }
  });

  it('changed or cut anywhere within its first kilobytes never yields a key that was not there', () => {
    const bytes = Buffer.from(readVector('keybox', 'gpg24-mixed.kbx'));
    const known = new Set(primariesIn(bytes));
    const primaries = (forged: Uint8Array): string[] => unlessMalformed(() => primariesIn(forged)) ?? [];
    for (let at = 0; at < 4096; at++) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(at) ^ (1 << (at & 7)), at);
      const found = [...primaries(forged), ...primaries(bytes.subarray(0, at))];
      expect(found.filter((primary) => !known.has(primary))).toEqual([]);
    }
  });
});

function primariesIn(bytes: Uint8Array): string[] {
  return scanKeybox(bytes).map(({ primary }) => primary);
}

function packetsAt({ bytes, start, end }: Pick<ScannedCertificate, 'bytes' | 'start' | 'end'>): Uint8Array {
  return bytes.subarray(start, end);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
