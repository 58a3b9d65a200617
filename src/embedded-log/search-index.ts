/**
 * Which entries a search finds: by `sha256:<digest of the archive>`, by the digest of the canonical public key,
 * and by each e-mail address of the key. Upper and lower case are the same.
 */
export class SearchIndex {
  /** Most keys find one entry, and a number takes less than a list. */
  private readonly indexes = new Map<string, number | number[]>();

  /** Makes the entry with this log index findable by the keys. */
  add(keys: readonly string[], logIndex: number): void {
    for (const key of new Set(keys.map(fold))) {
      const found = this.indexes.get(key);
      if (typeof found === 'object') found.push(logIndex);
      else this.indexes.set(key, found === undefined ? logIndex : [found, logIndex]);
    }
  }

  /**
   * The first `limit` log indexes, in order and without duplicates, that any (`or`) or all (`and`) of the
   * keys find.
   */
  find(keys: readonly string[], operator: 'and' | 'or', limit = Infinity): number[] {
    const lists = keys.map((key) => this.listOf(key));
    const found: number[] = [];
    // Each list is sorted, so they can be merged in order without a list of everything.
    const places = lists.map(() => 0);
    while (found.length < limit) {
      const heads = lists.map((list, at) => list[places[at] ?? 0] ?? Infinity);
      const least = Math.min(...heads);
      const isEnd = operator === 'or' ? least === Infinity : heads.includes(Infinity);
      if (isEnd || heads.length === 0) break;
      if (operator === 'or' || heads.every((head) => head === least)) found.push(least);
      heads.forEach((head, at) => {
        if (head === least) places[at] = (places[at] ?? 0) + 1;
      });
    }
    return found;
  }

  /** An upper bound for the entries that any of the keys finds. */
  count(keys: readonly string[]): number {
    return keys.reduce((sum, key) => sum + this.listOf(key).length, 0);
  }

  private listOf(key: string): readonly number[] {
    const found = this.indexes.get(fold(key)) ?? [];
    return typeof found === 'object' ? found : [found];
  }
}

function fold(key: string): string {
  return key.toLowerCase();
}
