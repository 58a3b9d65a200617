import type { LoggedDigest } from './logged-signatures.ts';

/** How entries of a log are found: all of them, by its tiles; or those that its index names. */
export type Way = 'tiles' | 'index';

/** What a monitor remembers from one pass to the next. */
export interface MonitorState {
  /** The URL of the log. */
  readonly log: string;
  readonly way: Way;
  /** For whom all entries up to `examined` were looked through, in words. */
  readonly watched: readonly string[];
  readonly trees: readonly WatchedTree[];
  /** Entries that were told of, by their leaf hashes (64 hexadecimal digits). */
  readonly told: ReadonlyMap<string, ToldEntry>;
  /** Digests (64 hexadecimal digits) of published archives that were told to be on no log. */
  readonly unlogged: ReadonlySet<string>;
  /** Since when nothing of the log, or less than before, could be checked, in seconds since 1970; undefined: all could. */
  readonly behindSince: number | undefined;
}

/** A tree of a log, as it was seen. */
export interface WatchedTree {
  /** Its tree ID in decimal; of a log whose checkpoints name none, their origin. */
  readonly name: string;
  /** The signed notes of some checkpoints, each proven to extend the one before it, the largest last; one or more. */
  readonly checkpoints: readonly string[];
  /** How many entries from the beginning were looked at; of a tree that is not read as tiles always 0. */
  readonly examined: number;
  /** How many entries from the beginning nobody wanted to be looked at; absent: none. They count as `examined`. */
  readonly from?: number;
  /** Since when the log shows a smaller tree than it has shown, in seconds since 1970; absent: it does not. */
  readonly smallerSince?: number;
}

/** What was told of an entry. */
export interface ToldEntry {
  readonly outcome: 'published' | 'unknown';
  /** Of what is published: its archive. Undefined: nobody knows what the entry is about. */
  readonly signed: Pick<LoggedDigest, 'algorithm' | 'hex'> | undefined;
}

/** What is remembered before the first pass. */
export function emptyState(log: string, way: Way, watched: readonly string[]): MonitorState {
  return { log, way, watched, trees: [], told: new Map(), unlogged: new Set(), behindSince: undefined };
}

/**
 * What is remembered for a pass that watches for these. If some were not watched for before, all entries are looked through
 * again, but for those that were never wanted; what was told is not told again.
 */
export function watchingFor(state: MonitorState, watched: readonly string[]): MonitorState {
  const isMore = watched.some((each) => !state.watched.includes(each));
  const trees = isMore ? state.trees.map((tree) => ({ ...tree, examined: tree.from ?? 0 })) : state.trees;
  return { ...state, watched, trees };
}

/** Checkpoints of a tree that are kept: the oldest, and of the others more where they are recent. */
const MOST_CHECKPOINTS = 16;

/** The tree with a larger checkpoint, which is proven to extend the last one. */
export function withCheckpoint(tree: WatchedTree, note: string): WatchedTree {
  const all = [...tree.checkpoints, note];
  if (all.length <= MOST_CHECKPOINTS) return { ...tree, checkpoints: all };
  // Every second one of the older half goes.
  const old = all.slice(0, MOST_CHECKPOINTS / 2);
  return {
    ...tree,
    checkpoints: [...old.filter((_, index) => index % 2 === 0), ...all.slice(MOST_CHECKPOINTS / 2)],
  };
}

/** The trees with one of them changed, or added. */
export function withTree(trees: readonly WatchedTree[], changed: WatchedTree): readonly WatchedTree[] {
  return trees.some(({ name }) => name === changed.name)
    ? trees.map((tree) => (tree.name === changed.name ? changed : tree))
    : [...trees, changed];
}
