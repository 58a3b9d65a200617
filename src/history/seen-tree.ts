import { equalBytes } from '../encoding.ts';
import type { Sighting } from '../verification/log-time.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';

/** A tree under one key of a log, as it was seen before. */
export interface SeenTree {
  /** Of the key: 64 hexadecimal digits. */
  readonly logId: string;
  /** Decimal. */
  readonly treeId: string;
  /**
   * The largest checkpoint that was seen, and those that nobody has proven to be of one tree with it yet, as when
   * several runs saw the tree grow at the same moment: the next run asks for the proof. The largest comes first.
   */
  readonly lastSeen: readonly [SignedCheckpoint, ...SignedCheckpoint[]];
  /** The URLs at which the tree was seen. */
  readonly servers: readonly string[];
  /** The oldest first, sizes ascending. */
  readonly sightings: readonly Sighting[];
}

/** A checkpoint that a run was shown, once it was compared with those seen before. */
export interface NewCheckpoint {
  readonly checkpoint: SignedCheckpoint;
  /** Those seen before that were proven to be of one tree with it. */
  readonly linkedTo: readonly SignedCheckpoint[];
  /** The URL at which it was shown; undefined: at none, it was in a file. */
  readonly server: string | undefined;
  /** When, in seconds since 1970; undefined where the clocks do not agree. */
  readonly seen: number | undefined;
}

/** Seconds between two sightings. */
const SPACING = 3600;
const MAX_SIGHTINGS = 32;
const MAX_LAST_SEEN = 8;

/** What is remembered of a tree after a new checkpoint of it. */
export function addCheckpoint(tree: SeenTree | undefined, shown: NewCheckpoint): SeenTree {
  const { checkpoint, server, seen } = shown;
  const servers = tree?.servers ?? [];
  const lastSeen = addToLastSeen(tree?.lastSeen ?? [], shown);
  const sightings = tree?.sightings ?? [];
  // A replica that lags shows what was, not what is.
  const isLatest = checkpoint.size === lastSeen[0].size;
  return {
    logId: checkpoint.logId,
    treeId: checkpoint.treeId,
    lastSeen,
    servers: server === undefined || servers.includes(server) ? servers : [...servers, server],
    sightings:
      isLatest && seen !== undefined ? addSighting(sightings, { size: checkpoint.size, seen }) : sightings,
  };
}

/** Whether the checkpoint is one of this tree: its name counts only together with the key. */
export function isOfTree({ logId, treeId }: SeenTree, checkpoint: SignedCheckpoint): boolean {
  return logId === checkpoint.logId && treeId === checkpoint.treeId;
}

/** Whether two checkpoints say the same; signatures differ from one answer to the next. */
export function isSameCheckpoint(a: SignedCheckpoint, b: SignedCheckpoint): boolean {
  return a.treeId === b.treeId && a.size === b.size && equalBytes(a.rootHash, b.rootHash);
}

/** The tree without sightings later than this (seconds since 1970): then a clock was wrong. */
export function upTo(latest: number, tree: SeenTree): SeenTree {
  return { ...tree, sightings: tree.sightings.filter(({ seen }) => seen <= latest) };
}

/**
 * When this tree was seen before it grew to a size that it is known to have reached: at these moments it was still
 * the one that grew, and a tree that follows it had no leaf yet.
 */
export function sightingsWhileGrowing({ sightings }: SeenTree, reached: number): Sighting[] {
  return sightings.filter(({ size }) => size < reached).map(({ seen }) => ({ size: 0, seen }));
}

/** Of checkpoints that are proven to be of one tree, the largest stands for all. */
function addToLastSeen(
  lastSeen: readonly SignedCheckpoint[],
  { checkpoint, linkedTo, server }: NewCheckpoint,
): SeenTree['lastSeen'] {
  const isLinked = (each: SignedCheckpoint) =>
    isSameCheckpoint(each, checkpoint) || linkedTo.some((other) => isSameCheckpoint(each, other));
  const linked = lastSeen.filter(isLinked);
  const others = lastSeen.filter((each) => !isLinked(each));
  const largest = linked.reduce((a, b) => (b.size >= a.size ? b : a), checkpoint);
  // Whoever hands out files must not push out what the log showed.
  const isOneTooMany = server === undefined && others.length >= MAX_LAST_SEEN;
  const all = isOneTooMany ? others : [largest, ...others];
  const [first = largest, ...rest] = all.sort((a, b) => b.size - a.size);
  return [first, ...rest.slice(0, MAX_LAST_SEEN - 1)];
}

function addSighting(sightings: readonly Sighting[], sighting: Sighting): readonly Sighting[] {
  const last = sightings.at(-1);
  if (last === undefined) return [sighting];
  if (sighting.seen < last.seen + SPACING || sighting.size < last.size) return sightings;
  // The later of two sightings of one size says all that the earlier one does.
  return thinOut([...(last.size === sighting.size ? sightings.slice(0, -1) : sightings), sighting]);
}

/** Of too many sightings, drops the one whose loss widens the gaps least: more stay where they are recent. */
function thinOut(sightings: readonly Sighting[]): readonly Sighting[] {
  if (sightings.length <= MAX_SIGHTINGS) return sightings;
  const newest = sightings.at(-1)?.seen ?? 0;
  const gaps = sightings.map(({ seen }, index) => {
    const [before, after] = [sightings[index - 1], sightings[index + 1]];
    return before && after ? (after.seen - before.seen) / (newest - seen) : Infinity;
  });
  return sightings.toSpliced(gaps.indexOf(Math.min(...gaps)), 1);
}
