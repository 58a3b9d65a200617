/** An entry as a log shows it, or as somebody kept it. Nothing of it is proven. */
export interface LoggedEntry {
  /** The name that the log gave it; not necessarily the one that was asked for. */
  readonly id: EntryId;
  /** The bytes of the leaf, never re-serialised. */
  readonly body: Uint8Array;
  /** SHA-256 of the log's public key: 64 hexadecimal digits. */
  readonly logId: string;
  readonly proof: InclusionProof;
  readonly time: TimeProof;
}

/**
 * The name of an entry in a log: its leaf hash, with the tree in front where it is known. A log of several trees
 * (shards) may hold one leaf in each.
 */
export interface EntryId {
  /** Decimal, as checkpoints and the API spell it; absent in a bare leaf hash. */
  readonly treeId?: string;
  /** RFC 6962 leaf hash, 64 hexadecimal digits. */
  readonly leafHash: string;
  /** As the log spells the name. */
  readonly text: string;
}

/** The proof that a leaf is in a tree (RFC 9162 2.1.3), with the checkpoint that vouches for the root. */
interface InclusionProof {
  /** Of the leaf, within this tree. */
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** What vouches for the time of an entry: the log's promise, a signature over the leaf, its time and its index. */
interface TimeProof {
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** Index across all trees of the log. */
  readonly logIndex: number;
  /** The signed entry timestamp. */
  readonly signature: Uint8Array;
}

/** More than an entry of any log has, however it is written down. */
export const ENTRY_LIMITS = {
  /** No tree that fits into 64 bits has a longer path. */
  hashes: 64,
  /** Characters. A checkpoint has a few hundred, and some more for each witness that signed it. */
  checkpoint: 16_384,
  /** Characters of base64. */
  signature: 4096,
} as const;

/** An entry without its bytes: what is kept of it once it was judged, because there may be thousands. */
export type EntrySummary = Omit<LoggedEntry, 'body'>;

/** The entry without its bytes. */
export function summaryOf({ id, logId, proof, time }: LoggedEntry): EntrySummary {
  return { id, logId, proof, time };
}

/** An entry as a log returned it, and what had been asked for. */
export interface ReturnedEntry {
  readonly entry: LoggedEntry;
  /** The entry IDs or leaf hashes that the request named, in hexadecimal; nothing else may come back. */
  readonly asked: readonly string[];
  /** When the server says that it answered, in seconds since 1970; undefined if it does not say. */
  readonly answeredAt: number | undefined;
}

/** An entry that may be the one of a chart. */
export interface GatheredEntry extends ReturnedEntry {
  readonly source: EntrySource;
}

/** Where an entry came from: an answer to leaf hashes that a provenance can have, the log's index, or a file. */
export type EntrySource = 'predicted' | 'index' | 'kept';

/** What a log returned in place of an entry: the name that it has there, and what is wrong with it. */
export interface UnreadableEntry {
  readonly name: string;
  readonly reason: string;
}
