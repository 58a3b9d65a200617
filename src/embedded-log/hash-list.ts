import { HASH_BYTES } from '../tlog/merkle.ts';

/**
 * Hashes by their index, side by side in one piece of memory that doubles when it is full. Those before `start` are
 * forgotten.
 */
export class HashList {
  private bytes = new Uint8Array(8 * HASH_BYTES);
  private count: number;

  /** @param start the index of the first hash that will be pushed */
  constructor(public start = 0) {
    this.count = start;
  }

  /** The index behind the last hash. */
  get length(): number {
    return this.count;
  }

  /** Forgets the hashes from this index on. */
  set length(length: number) {
    this.count = Math.max(length, this.start);
  }

  push(hash: Uint8Array): void {
    const end = (this.count - this.start) * HASH_BYTES;
    if (end === this.bytes.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(hash, end);
    this.count++;
  }

  /** @throws RangeError when the hash is forgotten, or was never there */
  at(index: number): Uint8Array {
    if (index < this.start || index >= this.count) throw new RangeError(`no hash ${index} is here`);
    const from = (index - this.start) * HASH_BYTES;
    return this.bytes.slice(from, from + HASH_BYTES);
  }

  /** Forgets the hashes before this index. */
  forget(before: number): void {
    if (before <= this.start) return;
    const from = Math.min(before, this.count);
    const kept = this.bytes.slice((from - this.start) * HASH_BYTES, (this.count - this.start) * HASH_BYTES);
    this.bytes = new Uint8Array(Math.max(kept.length, 8 * HASH_BYTES));
    this.bytes.set(kept);
    this.start = before;
    this.count = Math.max(this.count, before);
  }
}
