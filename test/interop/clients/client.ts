import type { KnownLog } from '../known-log.ts';
import type { PublishedChart } from '../publishers.ts';

/** What a log is searched for. */
export type Query =
  | { readonly sha256: string }
  | { readonly email: string }
  /** The path of a certificate. */
  | { readonly certificate: string };

/** What came of an upload. */
export type Uploaded =
  | { readonly outcome: 'created' | 'exists'; readonly uuid: string }
  | { readonly outcome: 'refused'; readonly reason: string };

/** The active tree of a log, and how many leaves all its trees have. */
export interface TreeHead {
  readonly treeId: string;
  readonly treeSize: number;
  readonly rootHash: string;
  readonly totalSize: number;
}

/** Somebody who talks to logs with one of the programs, and has a home of their own. */
export interface Client {
  readonly name: string;
  upload(log: KnownLog, chart: PublishedChart): Promise<Uploaded>;
  /** Whether the log has the chart's provenance: the ID of the entry. @throws when it does not verify */
  verify(log: KnownLog, chart: PublishedChart): Promise<string>;
  /** The IDs of the entries that are found, in order. */
  search(log: KnownLog, query: Query): Promise<string[]>;
  /** @throws when the log does not extend what was seen of it */
  logInfo(log: KnownLog): Promise<TreeHead>;
  remove(): Promise<void>;
}
