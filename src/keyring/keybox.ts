import { hash } from 'node:crypto';
import { encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { Scanner, type CertificatePlace, type Ring } from './scan.ts';

/** Whether the bytes are a GnuPG keybox (`pubring.kbx`): its first record carries a mark. */
export function isKeybox(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'KBXf';
}

/**
 * Finds the OpenPGP certificates in a GnuPG keybox: their packets are those of a binary keyring, with ring trust
 * packets in between. Deleted and ephemeral records, X.509 certificates and keys of unknown versions are skipped, and
 * so is the index of each record, which could say anything. The checksum of a record is compared when a certificate
 * is taken from it. Format: GnuPG, kbx/keybox-blob.c.
 * @throws MalformedError on a record that is cut, too large, or does not add up
 */
export function scanKeybox(bytes: Uint8Array): Ring {
  const keybox = new Keybox(bytes);
  keybox.scanRecords();
  return keybox;
}

/** GnuPG's own limit. */
const MAX_RECORD = 5 * 1024 * 1024;
const OPENPGP_RECORD = 2;
const EPHEMERAL = 2;
/** Of the fields that every record has. */
const HEAD_BYTES = 20;
const CHECKSUM_BYTES = 20;

class Keybox extends Scanner {
  readonly #fields: DataView;
  /** Of each certificate, where its record begins. */
  readonly #records = new Map<CertificatePlace, number>();

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  scanRecords(): void {
    const size = this.bytes.length;
    for (let at = 0; at < size;) {
      const length = at + 5 <= size ? this.#fields.getUint32(at) : 0;
      if (length < 5 || length > MAX_RECORD || at + length > size)
        throw new MalformedError(`the keybox is damaged: it has no whole record at offset ${at}`);
      if (this.bytes[at + 4] === OPENPGP_RECORD) this.#scanRecord(at, length);
      at += length;
    }
  }

  #scanRecord(at: number, length: number): void {
    if (length < HEAD_BYTES + CHECKSUM_BYTES) throw damaged(at);
    const version = this.bytes[at + 5] ?? 0;
    if (version !== 1 && version !== 2)
      throw new MalformedError(`the keybox has a record of unknown version ${version}`);
    const offset = this.#fields.getUint32(at + 8);
    const start = at + offset;
    const end = start + this.#fields.getUint32(at + 12);
    if (offset < HEAD_BYTES || end > at + length - CHECKSUM_BYTES) throw damaged(at);
    if ((this.#fields.getUint16(at + 6) & EPHEMERAL) !== 0) return;
    const before = this.certificates.length;
    this.scan(start, end);
    const found = this.certificates.slice(before);
    // GnuPG keeps one public key in each record, and secret keys elsewhere.
    if (found.length > 1 || this.hasSecrets) throw damaged(at);
    for (const certificate of found) this.#records.set(certificate, at);
  }

  check(certificate: CertificatePlace): void {
    const at = this.#records.get(certificate) ?? 0;
    const record = this.bytes.subarray(at, at + this.#fields.getUint32(at));
    if (!hasItsChecksum(record)) throw damaged(at);
  }
}

function damaged(at: number): MalformedError {
  return new MalformedError(`the keybox is damaged: a record at offset ${at} does not add up`);
}

/** SHA-1 over all before it; in very old keyboxes four zero octets and MD5. */
function hasItsChecksum(record: Uint8Array): boolean {
  const content = record.subarray(0, -CHECKSUM_BYTES);
  const checksum = encodeHex(record.subarray(-CHECKSUM_BYTES));
  return hash('sha1', content, 'hex') === checksum || `00000000${hash('md5', content, 'hex')}` === checksum;
}
