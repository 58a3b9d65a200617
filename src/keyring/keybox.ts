import { createHash } from 'node:crypto';
import { encodeHex, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

/** Whether the bytes are a GnuPG keybox (`pubring.kbx`): its first record carries a mark. */
export function isKeybox(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'KBXf';
}

/**
 * The OpenPGP keys in a GnuPG keybox: the packets of each, as they are in a binary keyring, with ring trust
 * packets in between. Deleted and ephemeral records and X.509 certificates are skipped. Format: GnuPG,
 * kbx/keybox-blob.c.
 * @throws MalformedError on a record that is cut, too large, or does not have the checksum that it carries
 */
export function readKeybox(bytes: Uint8Array): Uint8Array[] {
  const keyblocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + 5 <= bytes.length ? view(bytes).getUint32(at) : 0;
    if (length < 5 || length > MAX_RECORD || at + length > bytes.length)
      throw new MalformedError(`the keybox is damaged: it has no whole record at offset ${at}`);
    const record = bytes.subarray(at, at + length);
    if (record[4] === OPENPGP_RECORD) {
      const keyblock = readRecord(record, at);
      if (keyblock !== undefined) keyblocks.push(keyblock);
    }
    at += length;
  }
  return keyblocks;
}

/** GnuPG's own limit. */
const MAX_RECORD = 5 * 1024 * 1024;
const OPENPGP_RECORD = 2;
const EPHEMERAL = 2;

function readRecord(record: Uint8Array, offset: number): Uint8Array | undefined {
  const damaged = new MalformedError(`the keybox is damaged: a record at offset ${offset} does not add up`);
  if (record.length < 20 + CHECKSUM_BYTES) throw damaged;
  const fields = view(record);
  const version = fields.getUint8(5);
  if (version !== 1 && version !== 2)
    throw new MalformedError(`the keybox has a record of unknown version ${version}`);
  if (!hasItsChecksum(record)) throw damaged;
  const start = fields.getUint32(8);
  const end = start + fields.getUint32(12);
  if (start < 20 || end > record.length - CHECKSUM_BYTES) throw damaged;
  return (fields.getUint16(6) & EPHEMERAL) === 0 ? record.subarray(start, end) : undefined;
}

const CHECKSUM_BYTES = 20;

/** SHA-1 over all before it; in very old keyboxes four zero octets and MD5. */
function hasItsChecksum(record: Uint8Array): boolean {
  const content = record.subarray(0, -CHECKSUM_BYTES);
  const checksum = record.subarray(-CHECKSUM_BYTES);
  if (equalBytes(checksum, createHash('sha1').update(content).digest())) return true;
  return encodeHex(checksum) === `00000000${createHash('md5').update(content).digest('hex')}`;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
