import { MalformedError } from '../../errors.ts';
import { TILE_WIDTH, type Tile } from '../../tlog/tiles.ts';

const TILE_PATH =
  /^\/tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/**
 * The tile that a path names in exactly the specified form (C2SP tlog-tiles, "Merkle Tree").
 * @throws MalformedError on any other path
 */
export function parseTilePath(path: string): Tile {
  const [, level = '', spelled = '', partial] = TILE_PATH.exec(path) ?? [];
  const index = Number(spelled.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  // Three digits more than are needed would be another spelling of the same tile.
  const isShort = !spelled.startsWith('x000/');
  if (level === '' || !isShort || (partial !== undefined && width >= TILE_WIDTH))
    throw new MalformedError('expected the path of a tile');
  return { level: level === 'entries' ? level : Number(level), index, width };
}
