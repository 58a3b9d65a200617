import type { TreeReader } from './tree-reader.ts';

/** An entry of a log: its tree, and its index there. */
export interface PlacedEntry {
  readonly tree: TreeReader;
  readonly index: number;
}

/** All trees of a log. Its log indexes count through them, the oldest first. */
export class LogTrees {
  /**
   * @param frozen those that do not grow any more, the oldest first
   * @param active the one that does
   */
  constructor(
    readonly frozen: readonly TreeReader[],
    readonly active: TreeReader,
  ) {}

  /** The number of entries of the log. */
  get size(): number {
    return this.active.offset + this.active.head.size;
  }

  /** The tree with this ID (decimal). */
  withId(treeId: string): TreeReader | undefined {
    return this.inOrderOfSearch().find((tree) => tree.treeId === treeId);
  }

  /** The entry at a log index. */
  at(logIndex: number): PlacedEntry | undefined {
    for (const tree of this.inOrderOfSearch()) {
      const index = logIndex - tree.offset;
      if (index >= 0 && index < tree.head.size) return { tree, index };
    }
    return undefined;
  }

  /** The entries with this leaf hash (hexadecimal), at most one of each tree, that of the active tree first, as Rekor has it. */
  *withLeaf(leafHash: string): Generator<PlacedEntry> {
    for (const tree of this.inOrderOfSearch()) {
      const index = tree.indexOf(leafHash);
      if (index !== undefined) yield { tree, index };
    }
  }

  /** The IDs of the first `limit` entries that any (`or`) or all (`and`) of the search keys find. */
  async search(keys: readonly string[], operator: 'and' | 'or', limit: number): Promise<string[]> {
    const ids: string[] = [];
    for (const tree of [...this.frozen, this.active])
      if (ids.length < limit) ids.push(...(await tree.search(keys, operator, limit - ids.length)));
    return ids;
  }

  /** An upper bound for the entries that any of the keys finds. */
  count(keys: readonly string[]): number {
    return [...this.frozen, this.active].reduce((sum, tree) => sum + tree.count(keys), 0);
  }

  private inOrderOfSearch(): readonly TreeReader[] {
    return [this.active, ...this.frozen];
  }
}
