import { equalBytes } from '../encoding.ts';
import type { Sighting } from '../verification/log-time.ts';
import type { SignedHead } from '../verification/signed-head.ts';

/** What is remembered of one tree under one key of a log. */
export interface TreeMemory {
  /** Of the key: 64 hexadecimal digits. */
  readonly logId: string;
  /** Decimal. */
  readonly treeId: string;
  /**
   * The largest head that was seen, and, where several runs saw the tree grow at the same moment, those that nobody
   * has proven to be of one tree with it yet: the next run does. The largest comes first; never empty.
   */
  readonly heads: readonly [SignedHead, ...SignedHead[]];
  /** The URLs at which the tree was seen. */
  readonly servers: readonly string[];
  /** The index over all trees of the log at which this one begins; absent when no entry of it was seen. */
  readonly offset?: number;
  /** The oldest first, sizes ascending. */
  readonly sightings: readonly Sighting[];
}

/** What one run saw of a tree, once it was judged. */
export interface Observation {
  readonly head: SignedHead;
  /** Those remembered heads that were proven to be of one tree with it. */
  readonly linkedTo: readonly SignedHead[];
  readonly server: string;
  /** See {@link TreeMemory}; undefined where it is not proven. */
  readonly offset: number | undefined;
  /** When, in seconds since 1970; undefined where the clocks do not agree. */
  readonly seen: number | undefined;
}

/** Seconds between two sightings. */
const SPACING = 3600;
const MAX_SIGHTINGS = 32;
const MAX_HEADS = 8;

/** What is remembered of a tree after an observation. */
export function absorb(memory: TreeMemory | undefined, observation: Observation): TreeMemory {
  const { head, linkedTo, server, seen } = observation;
  const servers = memory?.servers ?? [];
  const offset = memory?.offset ?? observation.offset;
  const heads = absorbHead(memory?.heads ?? [], head, linkedTo);
  const sightings = memory?.sightings ?? [];
  // A replica that lags shows what was, not what is.
  const isLatest = head.size === heads[0].size;
  return {
    logId: head.logId,
    treeId: head.treeId,
    heads,
    servers: servers.includes(server) ? servers : [...servers, server],
    ...(offset !== undefined && { offset }),
    sightings: isLatest && seen !== undefined ? addSighting(sightings, { size: head.size, seen }) : sightings,
  };
}

/** Whether the head is one of the tree that is remembered here. */
export function isOfTree({ logId, treeId }: TreeMemory, head: SignedHead): boolean {
  return logId === head.logId && treeId === head.treeId;
}

/** Whether two heads say the same; signatures differ from one answer to the next. */
export function isSameHead(a: SignedHead, b: SignedHead): boolean {
  return a.treeId === b.treeId && a.size === b.size && equalBytes(a.rootHash, b.rootHash);
}

/** The memory without sightings later than this (seconds since 1970): then a clock was wrong. */
export function upTo(latest: number, memory: TreeMemory): TreeMemory {
  return { ...memory, sightings: memory.sightings.filter(({ seen }) => seen <= latest) };
}

/**
 * When this tree, which is known to have reached a size, was seen, in the indexes of a tree that begins at `offset`
 * of all trees. Only where it went on to grow is it certain that no other tree had taken its place yet.
 */
export function sightingsFrom(memory: TreeMemory, reached: number, offset: number): Sighting[] {
  const { offset: start, sightings } = memory;
  if (start === undefined) return [];
  return sightings
    .filter(({ size }) => size < reached)
    .map(({ size, seen }) => ({ size: start + size - offset, seen }));
}

/** Of heads that are proven to be of one tree, the largest stands for all. */
function absorbHead(
  heads: readonly SignedHead[],
  head: SignedHead,
  linkedTo: readonly SignedHead[],
): TreeMemory['heads'] {
  const isLinked = (each: SignedHead) =>
    isSameHead(each, head) || linkedTo.some((other) => isSameHead(each, other));
  const linked = heads.filter(isLinked);
  const others = heads.filter((each) => !isLinked(each));
  const largest = linked.reduce((a, b) => (b.size >= a.size ? b : a), head);
  const [first = largest, ...rest] = [largest, ...others].sort((a, b) => b.size - a.size);
  return [first, ...rest.slice(0, MAX_HEADS - 1)];
}

function addSighting(sightings: readonly Sighting[], sighting: Sighting): readonly Sighting[] {
  const last = sightings.at(-1);
  if (last === undefined) return [sighting];
  if (sighting.seen < last.seen + SPACING || sighting.size < last.size) return sightings;
  // The later of two sightings of one size says all that the earlier one does.
  return thinOut([...(last.size === sighting.size ? sightings.slice(0, -1) : sightings), sighting]);
}

/** Of too many sightings the one goes that is missed least: dense where they are recent, sparse where they are old. */
function thinOut(sightings: readonly Sighting[]): readonly Sighting[] {
  if (sightings.length <= MAX_SIGHTINGS) return sightings;
  const newest = sightings.at(-1)?.seen ?? 0;
  const gaps = sightings.map(({ seen }, index) => {
    const [before, after] = [sightings[index - 1], sightings[index + 1]];
    return before && after ? (after.seen - before.seen) / (newest - seen) : Infinity;
  });
  return sightings.toSpliced(gaps.indexOf(Math.min(...gaps)), 1);
}
