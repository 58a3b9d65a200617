import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { isKeybox, scanKeybox } from '../../src/keyring/keybox.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import type { Ring } from '../../src/keyring/scan.ts';
import { keysOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { fingerprintOf } from '../../src/openpgp/key-packet.ts';
import { packetAt } from '../../src/openpgp/packets.ts';
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
    const ring = scanKeybox(bytes);
    expect(ring.certificates.map(({ start, end }) => hex(ring.bytes.subarray(start, end)))).toEqual([
      hex(signer.certificate),
    ]);
    expect(fingerprintsIn(ring)).toEqual([[signer.fingerprint, signer.signingFingerprint]]);
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
    [
      'a key inside its own fields',
      () => keyboxRecord(signer.certificate, { keyblockOffset: 8 }),
      'does not add up',
    ],
    [
      'something else than a key',
      () => keyboxRecord(Buffer.from('c20104', 'hex')),
      'found a packet of type 2',
    ],
    [
      'two keys in one record',
      () => keyboxRecord(Buffer.concat([signer.certificate, other.certificate])),
      'does not add up',
    ],
    ['a secret key', () => keyboxRecord(Buffer.from('c50104', 'hex'), { index: [] }), 'does not add up'],
    ['a record shorter than its fields', () => Buffer.from('000000080201ffff', 'hex'), 'does not add up'],
  ])('with %s is refused', (_, record, message) => {
    expect(() => scanKeybox(keybox(record()))).toThrow(message);
  });

  it('with any bit of a record changed is refused, or that record is no key any more', () => {
    const bytes = keybox(keyboxRecord(other.certificate));
    for (let bit = 32 * 8; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(unlessMalformed(() => primariesIn(forged)) ?? []).toEqual([]);
    }
  });

  it('cut anywhere is refused, or read to the record before', () => {
    const bytes = keybox(keyboxRecord(other.certificate));
    for (let length = 32; length < bytes.length; length++) {
      const keys = unlessMalformed(() => scanKeybox(bytes.subarray(0, length)));
      expect(keys === undefined || (length === 32 && keys.certificates.length === 0)).toBe(true);
    }
  });

  it('of which one record is damaged is of use for the others, and an error for that one', () => {
    const bytes = keybox(keyboxRecord(signer.certificate), keyboxRecord(other.certificate));
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    const keyring = openKeyring([{ place: 'pubring.kbx', bytes: damaged }]);
    expect(keyring.find({ fingerprint: signer.fingerprint, keyId: undefined })).toHaveLength(1);
    for (const read of [
      () => keyring.find({ fingerprint: other.fingerprint, keyId: undefined }),
      () => [...keyring.all()],
    ])
      expect(read).toThrow('cannot read the keys in pubring.kbx: the keybox is damaged: a record at offset');
  });

  it('that calls a key by the name of another is read as if it did not', () => {
    const lying = keybox(keyboxRecord(other.certificate, { index: [signer.fingerprint] }));
    const keyring = openKeyring([{ place: 'pubring.kbx', bytes: lying }]);
    expect(keyring.find({ fingerprint: signer.fingerprint, keyId: undefined })).toEqual([]);
    expect(keyring.find({ fingerprint: other.fingerprint, keyId: undefined })).toHaveLength(1);
  });
});

describe.skipIf(!vectors)('the keybox of a real GnuPG 2.4 (needs the vectors)', () => {
  it('holds the keys that its index names; the one of unknown version is skipped', () => {
    const bytes = Buffer.from(readVector('keybox', 'gpg24-mixed.kbx'));
    const indexed: string[][] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
      if (bytes[at + 4] === 2 && bytes[at + 5] === 1)
        indexed.push(
          Array.from({ length: bytes.readUInt16BE(at + 16) }, (_, key) =>
            bytes.toString('hex', at + 20 + key * 28, at + 40 + key * 28),
          ),
        );
    const ring = scanKeybox(bytes);
    const read = ring.certificates.flatMap(({ start, end }) =>
      readCertificates(ring.bytes.subarray(start, end)),
    );
    expect(read).toHaveLength(42);
    expect(read.map((certificate) => keysOf(certificate).map(({ fingerprint }) => fingerprint))).toEqual(
      indexed,
    );
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

/** The fingerprints of the certificates in a keybox that may all be believed. */
function primariesIn(bytes: Uint8Array): string[] {
  const ring = scanKeybox(bytes);
  for (const certificate of ring.certificates) ring.check?.(certificate);
  return fingerprintsIn(ring).map(([primary]) => primary ?? '');
}

function fingerprintsIn({ bytes, certificates }: Ring): string[][] {
  return certificates.map(({ keys }) => keys.map((key) => fingerprintOf(packetAt(bytes, key)) ?? ''));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
