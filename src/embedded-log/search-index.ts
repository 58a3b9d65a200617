/**
 * Which entries a search finds: by `sha256:<digest of the archive>`, by the digest of the canonical public key,
 * and by each e-mail address of the key. Upper and lower case are the same.
 */
export class SearchIndex {
  private readonly indexes = new Map<string, number[]>();

  /** Makes the entry with this log index findable by the keys. */
  add(keys: readonly string[], logIndex: number): void {
    for (const key of new Set(keys.map(fold))) {
      const found = this.indexes.get(key);
      if (found === undefined) this.indexes.set(key, [logIndex]);
      else found.push(logIndex);
    }
  }

  /** The log indexes of the entries that any (`or`) or all (`and`) of the keys find, each once, in order. */
  find(keys: readonly string[], operator: 'and' | 'or'): number[] {
    const lists = keys.map((key) => this.indexes.get(fold(key)) ?? []);
    const all = [...new Set(lists.flat())].sort((a, b) => a - b);
    return operator === 'or' ? all : all.filter((index) => lists.every((list) => list.includes(index)));
  }
}

function fold(key: string): string {
  return key.toLowerCase();
}
