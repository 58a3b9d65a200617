import { findSome } from './find-some.ts';
import { searchKey, type IndexKey } from './index-record.ts';

/**
 * Which of the newest entries a search finds: by `sha256:<digest of the archive>`, by the digest of the canonical public
 * key, and by each e-mail address of the key. Upper and lower case are the same.
 */
export class SearchIndex {
  /** Most keys find one entry, and a number takes less than a list. */
  private readonly indexes = new Map<IndexKey, number | number[]>();

  /** Makes the entry with this log index, which is above all before, findable by the keys. */
  add(keys: readonly string[], logIndex: number): void {
    for (const key of new Set(keys.map(searchKey))) this.put(key, logIndex);
  }

  /** Makes it findable by what stands for one key. */
  put(key: IndexKey, logIndex: number): void {
    const found = this.indexes.get(key);
    if (typeof found === 'object') found.push(logIndex);
    else this.indexes.set(key, found === undefined ? logIndex : [found, logIndex]);
  }

  /** The first entry from this log index on that the key finds. */
  next(key: IndexKey, from: number): number | undefined {
    const list = this.listOf(key);
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return list[low];
  }

  /** How many entries the key finds. */
  countOf(key: IndexKey): number {
    return this.listOf(key).length;
  }

  /**
   * The first `limit` log indexes, in order and without duplicates, that any (`or`) or all (`and`) of the
   * keys find.
   */
  find(keys: readonly string[], operator: 'and' | 'or', limit = Infinity): number[] {
    return findSome(keys.map(searchKey), operator, (key, from) => this.next(key, from), { limit }).found;
  }

  /** An upper bound for the entries that any of the keys finds. */
  count(keys: readonly string[]): number {
    return keys.reduce((sum, key) => sum + this.countOf(searchKey(key)), 0);
  }

  /** What finds the entries from one index up to before another, in no order. */
  *between(from: number, to: number): Generator<[key: IndexKey, index: number]> {
    for (const key of this.indexes.keys())
      for (const index of this.listOf(key)) if (index >= from && index < to) yield [key, index];
  }

  private listOf(key: IndexKey): readonly number[] {
    const found = this.indexes.get(key) ?? [];
    return typeof found === 'object' ? found : [found];
  }
}
