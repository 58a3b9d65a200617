import type { ExitStatus } from '../cli/exit-status.ts';
import type { Check } from '../verification/checks.ts';
import type { OwnEntry } from './own-entry.ts';
import type { AboutPublished, PublishedArchive } from './published.ts';

/** Where an entry is in a log. */
export interface EntryPlace {
  /** The name of its tree. */
  readonly tree: string;
  /** Within the tree; undefined: it could not be read. */
  readonly index?: number;
  /** 64 hexadecimal digits. */
  readonly leafHash: string;
  /** Of a log of Rekor v1. */
  readonly uuid?: string | undefined;
  /** When the log took it, in seconds since 1970; undefined: it gives no time. */
  readonly integratedTime?: number | undefined;
}

/**
 * What a monitor tells of:
 * - `published`: a new entry of one who is watched for, about an archive that was published
 * - `unknown`: such an entry about something else, or also about something else
 * - `unlogged`: a published archive of which no entry is known
 * - `conflict`: the log contradicts what it signed before
 * - `behind`: something of the log could not be checked
 */
export type MonitorEvent =
  | (AboutEntry & { readonly event: 'published'; readonly archive: PublishedArchive })
  | (AboutEntry & {
      readonly event: 'unknown';
      /** The published archive that it is about as well; undefined: it is about none. */
      readonly about?: AboutPublished | undefined;
    })
  | { readonly event: 'unlogged'; readonly archive: PublishedArchive }
  | {
      readonly event: 'conflict';
      readonly tree: string;
      readonly reason: string;
      /** The signed notes that contradict each other. */
      readonly before?: string | undefined;
      readonly now?: string | undefined;
    }
  | {
      readonly event: 'behind';
      readonly reason: string;
      /** Seconds since 1970. */
      readonly since: number;
    };

interface AboutEntry {
  /** Undefined: nobody could read it. */
  readonly entry: OwnEntry | undefined;
  readonly place: EntryPlace;
  /** How it was proven that the log has it. */
  readonly checks: readonly Check[];
}

/** What a run comes to that has such an event. */
export const EVENT_STATUS: Record<MonitorEvent['event'], ExitStatus> = {
  published: 0,
  unlogged: 0,
  behind: 5,
  unknown: 10,
  conflict: 10,
};
