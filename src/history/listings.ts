import { decodeHex, encodeHex } from '../encoding.ts';
import type { ListedTree } from '../verification/listed-tree.ts';
import type { Sighting } from '../verification/log-time.ts';

/**
 * The trees that one answer of a log listed and no earlier one did. What is not listed does not exist yet: a log never
 * comes with an old tree that it did not list before.
 */
interface Listing {
  /** When, in seconds since 1970; undefined where the clocks did not agree. */
  readonly seen: number | undefined;
  /** Those that grew no more. */
  readonly inactive: readonly FrozenTree[];
  /** The ID of the one that grew; undefined where an earlier answer listed it. */
  readonly active: string | undefined;
}

/** What a log said of a tree that grew no more. */
interface FrozenTree {
  readonly treeId: string;
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly rootHash: string;
}

/** What a server listed, the earliest answer first; each tree once. */
export type Listings = readonly Listing[];

/** More trees than a log ever has; the age of further ones is not known. */
export const MAX_TREES = 1000;

/** What was listed, with what is new in this answer. */
export function addListing(
  before: Listings,
  trees: readonly ListedTree[],
  seen: number | undefined,
): Listings {
  const known = new Set(before.flatMap(idsIn));
  const fresh = new Map(trees.filter(({ treeId }) => !known.has(treeId)).map((tree) => [tree.treeId, tree]));
  const unknown = [...fresh.values()].slice(0, Math.max(0, MAX_TREES - known.size));
  if (unknown.length === 0) return before;
  const inactive = unknown.filter(({ isActive }) => !isActive).map(frozen);
  const active = unknown.find(({ isActive }) => isActive)?.treeId;
  return [...before, { seen, inactive, active }];
}

/** What was listed, as if a tree never had been; the same where it never was. */
export function withoutTree(before: Listings, treeId: string): Listings {
  if (!before.some((listing) => idsIn(listing).includes(treeId))) return before;
  const rest = before.map(({ seen, inactive, active }) => ({
    seen,
    inactive: inactive.filter((tree) => tree.treeId !== treeId),
    active: active === treeId ? undefined : active,
  }));
  return rest.filter((listing) => idsIn(listing).length > 0);
}

/** The IDs of the trees in a listing. */
function idsIn({ inactive, active }: Listing): string[] {
  return [...inactive.map(({ treeId }) => treeId), ...(active === undefined ? [] : [active])];
}

/**
 * How young a tree is among those of its log: of two trees the one with the larger age rank is the younger one, and
 * nothing is known of two of one rank. The tree that grew is the last one of its listing. Undefined: never listed.
 */
export function ageRank(listings: Listings, treeId: string): number | undefined {
  const at = listings.findIndex((listing) => idsIn(listing).includes(treeId));
  if (at === -1) return undefined;
  return 2 * at + (listings[at]?.active === treeId ? 1 : 0);
}

/**
 * The head of a tree when it was first listed as one that grows no more. If the tree has another head now, it was
 * listed in reserve, and the listing says nothing about its age.
 */
export function listedHeads(
  listings: Listings,
  treeId: string,
): { readonly size: number; readonly rootHash: Uint8Array }[] {
  const listed = listings.flatMap(({ inactive }) => inactive.filter((tree) => tree.treeId === treeId));
  return listed.map(({ size, rootHash }) => ({ size, rootHash: decodeHex(rootHash) }));
}

/** When a tree was first listed as one that grows no more: what it holds beyond came later. */
export function sightingsWhenListed(listings: Listings, treeId: string): Sighting[] {
  return listings.flatMap(({ seen, inactive }) => {
    const tree = inactive.find((each) => each.treeId === treeId);
    return tree && seen !== undefined ? [{ size: tree.size, seen }] : [];
  });
}

function frozen({ treeId, size, rootHash }: ListedTree): FrozenTree {
  return { treeId, size, rootHash: encodeHex(rootHash) };
}
