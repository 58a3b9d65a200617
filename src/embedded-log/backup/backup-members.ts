import { TILE_LIMITS, TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';
import { ACKNOWLEDGED } from '../journal/acknowledged.ts';
import { pathsOfBundle } from '../tiles/entry-bundle.ts';
import { JOURNAL } from '../journal/journal.ts';
import { KEY_FILE, PUBLIC_KEY_FILE } from '../check/key-of-directory.ts';
import { RESTORED, RESTORED_TEXT } from '../restored.ts';
import { MOST_OF_MEMBER } from './ustar.ts';

/** A file that comes next in a backup. */
export interface ExpectedMember {
  /** Its path, or several of which it has one. */
  readonly names: readonly string[];
  /** The most bytes that it has. */
  readonly limit: number;
  readonly isOptional?: true;
  /** Whether everybody may read it. */
  readonly isPublic?: true;
}

const KEY_LIMIT = 64 << 10;
/** Of a bundle, or what is kept beside it: as much as is read of one. */
const BUNDLE_LIMIT = 64 << 20;

/** The files at the start of a backup, in their order. What the log has beyond them, the journal says. */
export const FIRST_MEMBERS: readonly ExpectedMember[] = [
  { names: [RESTORED], limit: RESTORED_TEXT.length },
  { names: [PUBLIC_KEY_FILE], limit: KEY_LIMIT, isPublic: true },
  { names: [KEY_FILE], limit: KEY_LIMIT, isOptional: true },
  { names: [ACKNOWLEDGED], limit: 1024 },
  { names: [JOURNAL], limit: MOST_OF_MEMBER },
];

/** The files of a full tile of entries, in the order in which they follow: hashes, entries, promises, tiles that it completes. */
export function membersOfTile(tile: number): ExpectedMember[] {
  const { entries, large, promises } = pathsOfBundle(tile);
  const hashes = completedTiles(tile).map(({ path }) => ({ names: [path], limit: TILE_LIMITS.hashes }));
  return [
    ...hashes,
    { names: [entries, large], limit: BUNDLE_LIMIT },
    { names: [promises], limit: BUNDLE_LIMIT },
  ];
}

/** The tiles of hashes that are complete with this tile of entries: its own, and those above. */
export function completedTiles(tile: number): { level: number; index: number; path: string }[] {
  const tiles: { level: number; index: number; path: string }[] = [];
  for (let level = 0, end = tile + 1; ; level++, end /= TILE_WIDTH) {
    const index = end - 1;
    tiles.push({ level, index, path: tilePath({ level, index, width: TILE_WIDTH }) });
    if (end % TILE_WIDTH !== 0) return tiles;
  }
}
