import { createHash } from 'node:crypto';
import { fingerprintOf, isPrimaryKey, isSubkey } from '../../src/openpgp/key-packet.ts';
import { readPackets } from '../../src/openpgp/packets.ts';

/** A GnuPG keybox: the header record, then these. Format: GnuPG, kbx/keybox-blob.c. */
export function keybox(...records: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(32);
  header.set([1, 1, 0, 2], 4);
  header.write('KBXf', 8);
  return Buffer.concat([header, ...records]);
}

/** What a record says that is not so; the default is the truth. */
export interface RecordChanges {
  readonly type?: number;
  readonly version?: number;
  readonly flags?: number;
  readonly keyblockOffset?: number;
  readonly keyblockLength?: number;
  /** Fingerprints. */
  readonly index?: readonly string[];
}

/** The parts of a record that a reader needs: fields, an index of fingerprints, the certificate, a checksum. */
export function keyboxRecord(certificate: Uint8Array, changes: RecordChanges = {}): Buffer {
  const { type = 2, version = 1, flags = 0, keyblockLength = certificate.length } = changes;
  const { index = fingerprintsIn(certificate) } = changes;
  const size = version === 2 ? 56 : 28;
  const fields = Buffer.alloc(20);
  const start = fields.length + index.length * size;
  const { keyblockOffset = start } = changes;
  fields.writeUInt32BE(start + certificate.length + 20);
  fields.set([type, version, 0, flags], 4);
  fields.writeUInt32BE(keyblockOffset, 8);
  fields.writeUInt32BE(keyblockLength, 12);
  fields.writeUInt16BE(index.length, 16);
  fields.writeUInt16BE(size, 18);
  const entries = index.map((fingerprint) => Buffer.concat([Buffer.from(fingerprint, 'hex')], size));
  const content = Buffer.concat([fields, ...entries, certificate]);
  return Buffer.concat([content, createHash('sha1').update(content).digest()]);
}

function fingerprintsIn(certificate: Uint8Array): string[] {
  const keys = [...readPackets(certificate)].filter((packet) => isPrimaryKey(packet) || isSubkey(packet));
  return keys.map((key) => fingerprintOf(key) ?? '00'.repeat(20));
}
