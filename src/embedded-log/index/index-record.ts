import { sha256 } from '../../digest.ts';
import { encodeUtf8 } from '../../encoding.ts';

/**
 * A record of the index on disk: 16 bytes that stand for a search key or a leaf, and the log index of an entry, in 8 bytes.
 * Sorted as bytes, they are sorted by key, and the entries of a key by their index.
 */
export const RECORD_BYTES = 24;
const KEY_BYTES = 16;

/** What stands for a key in the index: 16 characters of one byte each. */
export type IndexKey = string;

/** What stands for a search key. Upper and lower case are the same. */
export function searchKey(text: string): IndexKey {
  const digest = sha256(encodeUtf8(`search key\n${text.toLowerCase()}`));
  return Buffer.from(digest.subarray(0, KEY_BYTES)).toString('latin1');
}

/** What stands for a leaf, by its hash in hexadecimal. What a search key stands for is hashed in another way. */
export function leafKey(leaf: string): IndexKey {
  return Buffer.from(leaf.slice(0, 2 * KEY_BYTES), 'hex').toString('latin1');
}

/** The record of an entry that a key finds. */
export function indexRecord(key: IndexKey, index: number): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.write(key, 0, 'latin1');
  record.writeUIntBE(index, RECORD_BYTES - 6, 6);
  return record;
}

/** The log index in a record that begins at this offset. */
export function indexInRecord(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at + RECORD_BYTES - 6, 6);
}

/** Whether the record at this offset has this key. */
export function hasKey(bytes: Buffer, at: number, key: IndexKey): boolean {
  return bytes.toString('latin1', at, at + KEY_BYTES) === key;
}
