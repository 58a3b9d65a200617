import type { ProposedEntry } from '../rekor/helm-entry.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { ConsistencyProof, NotAsked } from '../tlog/consistency-proof.ts';
import type { EntryId, GatheredEntry, UnreadableEntry } from '../tlog/logged-entry.ts';

/**
 * One view of a transparency log, for those who gather what the judge needs: they do not care which protocol the log
 * speaks, or whether its answers were kept in a file. What a view returns is what the log said: nothing is proven.
 * `RekorV1View` asks a Rekor v1 server, `KeptView` has what is in a file; each further kind of log is one more class in this folder.
 *
 * All methods throw LogError when the log does not answer, or its answer makes no sense.
 */
export interface LogView {
  /** The address of the log. */
  readonly url: string;

  /**
   * What the log has of these leaf hashes (64 hexadecimal digits), at most ten: several entries where a leaf is in
   * several trees, nothing for those that it does not have.
   */
  entries(leafHashes: readonly string[]): Promise<GatheredEntries>;

  /**
   * All entries that the log's index, a best effort of the log, has for the query, in groups as they come in.
   * @param onProgress told how many of how many entries were asked for
   * @param isWanted whether an entry that the index names is asked for; by default each is
   */
  search(
    query: SearchQuery,
    onProgress?: (asked: number, total: number) => void,
    isWanted?: (id: EntryId) => boolean,
  ): AsyncGenerator<GatheredEntries>;

  /** The log's proof that one of two heads of this tree extends the other. A tree is named as its log names it. */
  consistency(treeId: string, a: TreeHead, b: TreeHead): Promise<ConsistencyProof>;

  /** The trees of the log, the active one first. */
  trees(): Promise<TreeListing | NotAsked>;
}

/** A view of a log that takes new entries. */
export interface WritableLogView extends LogView {
  /**
   * Sends an entry, for good, and returns what the log then shows of it: what it made, or, where it says that it has it
   * already, what it has.
   * @param leafHashes of the entries that the log may make of it, or have of it
   */
  submit(proposed: ProposedEntry, leafHashes: readonly string[]): Promise<SentEntry>;
}

/** What a log shows of an entry that was sent. */
export interface SentEntry {
  readonly entries: readonly GatheredEntry[];
  /** Whether the log says that it was made just now. */
  readonly isNew: boolean;
  /** The name that the log gives it, if it does. */
  readonly id: EntryId | undefined;
}

/** What came back for some leaf hashes or entry IDs. */
export interface GatheredEntries {
  readonly entries: readonly GatheredEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

/** The trees of a log, and when it listed them (seconds since 1970, by its clock; undefined if it did not say). */
export interface TreeListing {
  readonly trees: readonly TreeState[];
  readonly answeredAt: number | undefined;
}

/** What a log says of one of its trees. */
interface TreeState {
  /** For Rekor v1: decimal. */
  readonly treeId: string;
  /** Whether it is the one that grows. */
  readonly isActive: boolean;
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** A signed note. */
  readonly checkpoint: string;
}
