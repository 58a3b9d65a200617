import { encodeHex } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../tlog/checkpoint.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';
import type { LogContents } from '../log/contents.ts';
import type { Damages } from './damages.ts';
import type { ShownTiles } from '../log/shown-tiles.ts';
import { CHECKPOINT, incompleteTiles } from '../log/static-copy.ts';
import { parseTilePath } from '../tiles/static-paths.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** What the files for tile clients are compared with. */
export interface CopyCheck {
  readonly files: TileFiles;
  readonly findings: Damages;
  readonly key: LogKey;
  readonly contents: LogContents;
  readonly shown: ShownTiles;
}

/** Looks at the checkpoint and the incomplete tiles that are there for those who read the directory. */
export function checkCopy(check: CopyCheck): void {
  const { files, findings } = check;
  const size = attempt(CHECKPOINT, check, () => checkpointSize(check)) ?? 0;
  for (const tile of incompleteTiles(size)) {
    const path = tilePath(tile);
    const full = tilePath({ ...tile, width: TILE_WIDTH });
    if (files.read(path, 0, 1) === undefined && files.read(full, 0, 1) === undefined)
      if (tile.level !== 'entries' || check.shown.sizeOf(tile) !== undefined)
        findings.add(path, 'it is missing, and the checkpoint for tile clients needs it');
  }
  for (const path of files.list('tile'))
    if (path.includes('.p/') && !REMAINS.test(path))
      attempt(path, check, () => {
        requireTile(path, check);
      });
}

/** What a crash leaves of a file that was not there yet: see `replaceFile`. */
const REMAINS = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws MalformedError */
function checkpointSize({ files, key, contents }: CopyCheck): number {
  const bytes = files.read(CHECKPOINT);
  if (bytes === undefined) throw new MalformedError('it is missing; it is made at the next start');
  const checkpoint = parseCheckpoint(bytes.toString('utf8'));
  if (!verifyCheckpointSignature(checkpoint, key)) throw new MalformedError('the log did not sign it');
  const { origin, size, rootHash } = checkpoint;
  if (origin !== contents.head.origin) throw new MalformedError('it is of another tree');
  if (size > contents.head.size)
    throw new MalformedError(`it has size ${size}, and the log ${contents.head.size}`);
  if (encodeHex(rootHash) !== encodeHex(contents.tree.root(size)))
    throw new MalformedError(`it was signed for another tree of size ${size}`);
  return size;
}

/** @throws MalformedError unless it is a tile of this tree */
function requireTile(path: string, { files, shown }: CopyCheck): void {
  const tile = parseTilePath(`/${path}`);
  if (shown.sizeOf(tile) === undefined) throw new MalformedError('the tree has no such tile');
  if (shown.read(tile)?.equals(files.read(path) ?? Buffer.alloc(0)) !== true)
    throw new MalformedError('it is not what the checkpoint was signed for');
}

function attempt<T>(file: string, { findings }: CopyCheck, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    findings.addError(file, error);
    return undefined;
  }
}
