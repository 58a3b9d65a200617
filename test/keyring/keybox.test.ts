import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { isKeybox, readKeybox } from '../../src/keyring/keybox.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { scanCertificates } from '../../src/keyring/scan.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { readVector, vectors } from '../support/vectors.ts';

let signer: TestSigner;
beforeAll(async () => {
  signer = await createSigner();
});

describe('a keybox', () => {
  it('is known by its first record, and its OpenPGP keys are read', () => {
    const bytes = keybox(openpgpRecord(signer.certificate));
    expect(isKeybox(bytes)).toBe(true);
    expect(readKeybox(bytes).map(hex)).toEqual([hex(signer.certificate)]);
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
    ['deleted records', () => openpgpRecord(signer.certificate, { type: 0 })],
    ['X.509 certificates', () => openpgpRecord(signer.certificate, { type: 3 })],
    ['ephemeral records', () => openpgpRecord(signer.certificate, { flags: 2 })],
  ])('is read without its %s', (_, record) => {
    expect(readKeybox(keybox(record(), openpgpRecord(Buffer.from('key')))).map(hex)).toEqual([
      hex(Buffer.from('key')),
    ]);
  });

  it('has version 1 or 2 records, and checksums by SHA-1 or, of old, by MD5', () => {
    const content = openpgpRecord(signer.certificate, { version: 2 });
    const old = content.subarray(0, -20);
    const md5 = createHash('md5').update(old).digest();
    expect(readKeybox(keybox(content, Buffer.concat([old, Buffer.alloc(4), md5])))).toHaveLength(2);
  });

  it.each([
    [
      'a record of unknown version',
      () => openpgpRecord(Buffer.from('key'), { version: 3 }),
      'unknown version 3',
    ],
    [
      'a record that goes on after the end',
      () => openpgpRecord(Buffer.from('key')).subarray(0, -1),
      'offset 32',
    ],
    ['half a length', () => Buffer.from('0000', 'hex'), 'offset 32'],
    ['a record of length 0', () => Buffer.alloc(64), 'offset 32'],
    [
      'a key outside its record',
      () => openpgpRecord(Buffer.from('key'), { length: 1000 }),
      'does not add up',
    ],
    ['a record shorter than its fields', () => Buffer.from('000000080201ffff', 'hex'), 'does not add up'],
  ])('with %s is refused', (_, record, message) => {
    expect(() => readKeybox(keybox(record()))).toThrow(message);
  });

  it('with any bit of a record changed is refused, or that record is no key any more', () => {
    const bytes = keybox(openpgpRecord(signer.certificate));
    for (let bit = 32 * 8; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const keys = unlessMalformed(() => readKeybox(forged));
      expect(keys === undefined || keys.length === 0).toBe(true);
    }
  });

  it('cut anywhere is refused, or read to the record before', () => {
    const bytes = keybox(openpgpRecord(signer.certificate));
    for (let length = 32; length < bytes.length; length++) {
      const keys = unlessMalformed(() => readKeybox(bytes.subarray(0, length)));
      expect(keys === undefined || (length === 32 && keys.length === 0)).toBe(true);
    }
  });
});

describe.skipIf(!vectors)('the keybox of a real GnuPG 2.4 (needs the vectors)', () => {
  it('holds the keys that its index names; the one of unknown version is skipped', () => {
    const bytes = Buffer.from(readVector('keybox', 'gpg24-mixed.kbx'));
    const indexed: { version: number; fingerprint: string }[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
      if (bytes[at + 4] === 2)
        indexed.push({
          version: bytes.readUInt8(at + 5),
          fingerprint: bytes.toString('hex', at + 20, at + 40),
        });
    expect(indexed).toHaveLength(43);
    const found = readKeybox(bytes).flatMap((keyblock) => scanCertificates(keyblock));
    expect(found.map(({ primary }) => primary.fingerprint)).toEqual(
      indexed.filter(({ version }) => version === 1).map(({ fingerprint }) => fingerprint),
    );
  });

  it('changed or cut within its first kilobytes never yields a key that was not there', () => {
    const bytes = Buffer.from(readVector('keybox', 'gpg24-mixed.kbx'));
    const fingerprints = (keybox: Uint8Array): string[] =>
      unlessMalformed(() =>
        readKeybox(keybox)
          .flatMap((keyblock) => scanCertificates(keyblock))
          .map(({ primary }) => primary.fingerprint),
      ) ?? [];
    const known = new Set(fingerprints(bytes));
    for (let at = 32; at < 4096; at += 7) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(at) ^ 0x41, at);
      for (const found of [...fingerprints(forged), ...fingerprints(bytes.subarray(0, at))])
        expect(known).toContain(found);
    }
  });
});

/** The header record, then these. */
function keybox(...records: Uint8Array[]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(32);
  header.set([1, 1, 0, 2], 4);
  header.write('KBXf', 8);
  return Buffer.concat([header, ...records]);
}

/** The parts of a record that a reader needs: a place for the key after 20 bytes and an index entry of 28. */
function openpgpRecord(
  key: Uint8Array,
  { type = 2, version = 1, flags = 0, length = key.length } = {},
): Buffer {
  const fields = Buffer.alloc(48);
  fields.writeUInt32BE(48 + key.length + 20);
  fields.set([type, version, 0, flags], 4);
  fields.writeUInt32BE(48, 8);
  fields.writeUInt32BE(length, 12);
  fields.writeUInt16BE(1, 16);
  fields.writeUInt16BE(28, 18);
  const content = Buffer.concat([fields, key]);
  return Buffer.concat([content, createHash('sha1').update(content).digest()]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
