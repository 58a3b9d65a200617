import { hash } from 'node:crypto';
import { MalformedError } from '../errors.ts';
import { isPrimaryKey } from '../openpgp/key-packet.ts';
import { locatePacket } from '../openpgp/packets.ts';
import type { ScannedCertificate } from './scan.ts';

/** Whether the bytes are a GnuPG keybox (`pubring.kbx`): its first record carries a mark. */
export function isKeybox(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'KBXf';
}

/**
 * Finds the OpenPGP certificates in a GnuPG keybox: their packets are those of a binary keyring, with ring trust
 * packets in between. Their fingerprints are those that the keybox says they have; they are not computed here,
 * because a keybox may hold thousands. Deleted and ephemeral records, X.509 certificates and keys of unknown
 * versions are skipped. Format: GnuPG, kbx/keybox-blob.c.
 * @throws MalformedError on a record that is cut, too large, or does not have the checksum that it carries
 */
export function scanKeybox(bytes: Uint8Array): ScannedCertificate[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const certificates: ScannedCertificate[] = [];
  for (let at = 0; at < file.length;) {
    const length = at + 5 <= file.length ? file.readUInt32BE(at) : 0;
    if (length < 5 || length > MAX_RECORD || at + length > file.length)
      throw new MalformedError(`the keybox is damaged: it has no whole record at offset ${at}`);
    if (file[at + 4] === OPENPGP_RECORD) {
      const certificate = readRecord(file, at, length);
      if (certificate !== undefined) certificates.push(certificate);
    }
    at += length;
  }
  return certificates;
}

/** GnuPG's own limit. */
const MAX_RECORD = 5 * 1024 * 1024;
const OPENPGP_RECORD = 2;
const EPHEMERAL = 2;
/** Of the fields that every record has. */
const HEAD_BYTES = 20;
const CHECKSUM_BYTES = 20;

/** The certificate in a record, `undefined` for an ephemeral one and one of an unknown version. */
function readRecord(file: Buffer, at: number, length: number): ScannedCertificate | undefined {
  const damaged = (): MalformedError =>
    new MalformedError(`the keybox is damaged: a record at offset ${at} does not add up`);
  if (length < HEAD_BYTES + CHECKSUM_BYTES) throw damaged();
  const version = file[at + 5] ?? 0;
  if (version !== 1 && version !== 2)
    throw new MalformedError(`the keybox has a record of unknown version ${version}`);
  const contentEnd = at + length - CHECKSUM_BYTES;
  if (!hasItsChecksum(file, at, contentEnd)) throw damaged();
  const start = at + file.readUInt32BE(at + 8);
  const end = start + file.readUInt32BE(at + 12);
  const keys = file.readUInt16BE(at + 16);
  const indexed = file.readUInt16BE(at + 18);
  const indexEnd = at + HEAD_BYTES + keys * indexed;
  if (keys === 0 || indexed < (version === 1 ? 28 : 56) || indexEnd > start || end > contentEnd)
    throw damaged();
  const primary = locatePacket(file, start);
  if (!isPrimaryKey(primary) || primary.end > end) throw damaged();
  const keyVersion = file[primary.bodyAt];
  const isEphemeral = (file.readUInt16BE(at + 6) & EPHEMERAL) !== 0;
  if (isEphemeral || (keyVersion !== 4 && keyVersion !== 6)) return undefined;
  const [first = '', ...subkeys] = Array.from({ length: keys }, (_, key) =>
    readFingerprint(file, at + HEAD_BYTES + key * indexed, version),
  );
  return { primary: first, subkeys, bytes: file, start, end };
}

/** An index entry starts with a fingerprint: of 20 octets, in records of version 2 perhaps of 32. */
function readFingerprint(file: Buffer, at: number, version: 1 | 2): string {
  const isLong = version === 2 && (file.readUInt16BE(at + 32) & 0x80) !== 0;
  return file.toString('hex', at, at + (isLong ? 32 : 20));
}

/** SHA-1 over all before it; in very old keyboxes four zero octets and MD5. */
function hasItsChecksum(file: Buffer, at: number, contentEnd: number): boolean {
  const content = file.subarray(at, contentEnd);
  const checksum = file.toString('hex', contentEnd, contentEnd + CHECKSUM_BYTES);
  return hash('sha1', content, 'hex') === checksum || `00000000${hash('md5', content, 'hex')}` === checksum;
}
