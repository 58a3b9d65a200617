import { encodeHex } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { HASH_BYTES, leafHash, nodeHash } from '../../tlog/merkle.ts';
import { TILE_LIMITS, TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';
import type { EntryCheck } from './check-entries.ts';
import { bodiesIn, pathsOfBundle } from '../tiles/entry-bundle.ts';
import type { Damages } from './damages.ts';
import { readPromises, type StoredPromise } from '../tiles/promise-bundle.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { TileFiles } from '../tiles/tile-files.ts';
import type { StoredNode } from '../tree.ts';

/** What a directory is looked at with. */
export interface TileCheck {
  readonly files: Pick<TileFiles, 'read'>;
  readonly findings: Damages;
  readonly entries: Pick<EntryCheck, 'look' | 'skip'>;
  readonly key: LogKey;
  readonly origin: string;
  /** The node over a full tile of hashes, from what the checkpoint was signed for. It may throw for damage above. */
  readonly node: StoredNode;
}

/** Looks at all files of a full tile of entries. */
export function checkTile(index: number, check: TileCheck): void {
  const { files, findings, entries } = check;
  const hashesPath = tilePath({ level: 0, index, width: TILE_WIDTH });
  const paths = pathsOfBundle(index);
  const expected = rootOf(index, check);
  const hashes = hashesOf(files.read(hashesPath), hashesPath, findings);
  const bundle = bundleOf(index, check);
  const leaves = bundle?.bodies.map(leafHash);
  // Where nothing tells which is right, the hashes count.
  const known = expected ?? (hashes && rootOver(hashes));
  const isTrue = (tile: readonly Uint8Array[] | undefined) => tile !== undefined && rootOver(tile) === known;
  if (hashes !== undefined && !isTrue(hashes))
    findings.add(hashesPath, 'it is not what the checkpoint was signed for');
  if (bundle !== undefined && known !== undefined && !isTrue(leaves)) {
    const wrong = leaves?.findIndex((leaf, at) => encodeHex(leaf) !== encodeHex(hashes?.[at] ?? leaf)) ?? -1;
    const place = wrong < 0 ? 'it' : `entry ${index * TILE_WIDTH + wrong}`;
    findings.add(bundle.path, `${place} is not what the checkpoint was signed for`);
  }
  const trueLeaves = [leaves, hashes].find(isTrue);
  const promises = promisesOf(index, check);
  if (promises === undefined || trueLeaves === undefined) entries.skip(index * TILE_WIDTH);
  promises?.forEach((promise, at) => {
    const body = isTrue(leaves) ? bundle?.bodies[at] : undefined;
    const isMoved = promise.place[0] !== bundle?.offsets[at] || promise.place[1] !== body?.length;
    if (body !== undefined && isMoved)
      findings.add(paths.promises, `entry ${index * TILE_WIDTH + at}: it is not where it should be`);
    const leaf = trueLeaves?.[at];
    if (leaf !== undefined) entries.look(paths.promises, index * TILE_WIDTH + at, { ...promise, body }, leaf);
  });
}

function rootOf(index: number, { node, findings }: TileCheck): string | undefined {
  try {
    return encodeHex(node(8, index));
  } catch (error) {
    findings.addError('tile', error);
    return undefined;
  }
}

function hashesOf(bytes: Buffer | undefined, path: string, findings: Damages): Uint8Array[] | undefined {
  if (bytes?.length === TILE_LIMITS.hashes)
    return Array.from({ length: TILE_WIDTH }, (_, at) =>
      bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
  const found =
    bytes === undefined ? 'it is missing' : `expected ${TILE_LIMITS.hashes} bytes, found ${bytes.length}`;
  findings.add(path, found);
  return undefined;
}

/** The root of a full tile, in hexadecimal. */
function rootOver(hashes: readonly Uint8Array[]): string {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] ?? EMPTY, row[2 * at + 1] ?? EMPTY),
    );
  return encodeHex(row[0] ?? EMPTY);
}

const EMPTY = new Uint8Array(HASH_BYTES);

function bundleOf(
  index: number,
  { files, findings }: TileCheck,
): { path: string; bodies: Uint8Array[]; offsets: number[] } | undefined {
  const { entries, large } = pathsOfBundle(index);
  const standard = files.read(entries);
  const bytes = standard ?? files.read(large);
  const path = standard === undefined && bytes !== undefined ? large : entries;
  try {
    if (bytes === undefined) throw new MalformedError('it is missing');
    return { path, ...bodiesIn(bytes, path === entries ? 2 : 4) };
  } catch (error) {
    findings.addError(path, error);
    return undefined;
  }
}

function promisesOf(index: number, { files, findings, origin, key }: TileCheck): StoredPromise[] | undefined {
  const { promises } = pathsOfBundle(index);
  try {
    const bytes = files.read(promises);
    if (bytes === undefined) throw new MalformedError('it is missing');
    return readPromises(bytes, { origin, index }, key);
  } catch (error) {
    findings.addError(promises, error);
    return undefined;
  }
}
