import { decodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import { TILE_LIMITS, TILE_WIDTH, tilePath, type Tile } from '../tlog/tiles.ts';
import { askService, senseless, type Asking, type ServiceRequest } from './service-request.ts';

/** The files of a log that is read as tiles (C2SP tlog-tiles). */

/** A checkpoint as a log shows it; nobody looked at its signatures. */
export interface ShownCheckpoint {
  readonly checkpoint: Checkpoint;
  /** As the log spells it. */
  readonly text: string;
  /** The URL below which it is, and the tiles are. */
  readonly prefix: string;
}

/** Where the checkpoint and the tiles of a log may be, below its URL: Rekor's own API, then the specification's. */
const PLACES = ['/api/v2', ''] as const;
/** Of a server that has nothing at an address, or does not know the API. */
const NOTHING_THERE: readonly number[] = [403, 404, 405, 501];

/** The URLs at which a checkpoint is looked for, in their order. @param url of the log, without a slash at its end */
export function checkpointPlaces(url: string): readonly string[] {
  return PLACES.map((place) => `${url}${place}/checkpoint`);
}

/**
 * The checkpoint that a log shows now; undefined: it shows none.
 * @param url of the log, without a slash at its end
 * @throws LogError if it does not answer, or shows something else
 */
export async function findCheckpoint(url: string, asking: Asking): Promise<ShownCheckpoint | undefined> {
  for (const place of PLACES) {
    const prefix = `${url}${place}`;
    const request = tileRequest(`${prefix}/checkpoint`, ENTRY_LIMITS.checkpoint);
    const { status, body } = await askService(asking, request);
    if (NOTHING_THERE.includes(status)) continue;
    try {
      const text = decodeUtf8(body);
      return { checkpoint: parseCheckpoint(text), text, prefix };
    } catch (error) {
      if (error instanceof MalformedError) throw senseless(request, error.message);
      throw error;
    }
  }
  return undefined;
}

/** A log has no tile of the tree that its checkpoint is about. */
export class NoTileError extends Error {}

/**
 * The bytes of a tile; a partial one may have been removed when the full one was made (C2SP tlog-tiles, "Partial Tiles").
 * @throws NoTileError if the log has none
 * @throws LogError if it does not answer
 */
export async function readTile(prefix: string, tile: Tile, asking: Asking): Promise<Uint8Array> {
  const maxBytes = tile.level === 'entries' ? TILE_LIMITS.entries : TILE_LIMITS.hashes;
  for (const width of new Set([tile.width, TILE_WIDTH])) {
    const request = tileRequest(`${prefix}/${tilePath({ ...tile, width })}`, maxBytes);
    const { status, body } = await askService(asking, request);
    if (!NOTHING_THERE.includes(status)) return body;
  }
  throw new NoTileError();
}

/** A request for a file of a log; that it is not there is no refusal. */
export function tileRequest(url: string, maxBytes: number): ServiceRequest {
  const headers = { accept: '*/*' };
  return { who: 'the transparency log', url: new URL(url), headers, maxBytes, statuses: NOTHING_THERE };
}
