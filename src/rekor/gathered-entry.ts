import type { UnreadableEntry } from './client.ts';
import type { LogEntry } from './schemas.ts';

/** An entry as a log returned it, and what had been asked for. */
export interface ReturnedEntry {
  readonly entry: LogEntry;
  /** The entry IDs or leaf hashes that the request named, in hexadecimal; nothing else may come back. */
  readonly asked: readonly string[];
  /** When the server says that it answered, in seconds since 1970; undefined if it does not say. */
  readonly answeredAt: number | undefined;
}

/** How an entry was come by: as an answer to leaf hashes that a provenance can have, or by the log's index. */
export type EntrySource = 'predicted' | 'index';

/** An entry that may be the one of a chart. */
export interface GatheredEntry extends ReturnedEntry {
  readonly source: EntrySource;
}

/** What came back for some leaf hashes or entry IDs. */
export interface Gathered {
  readonly entries: readonly GatheredEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}
