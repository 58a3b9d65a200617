import { MalformedError } from '../../errors.ts';
import { TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';

/** The most bytes of an entry in a bundle (C2SP tlog-tiles, "Log entries"): its length has 16 bits. */
export const ENTRY_LIMIT = 0xff_ff;

/** The entries of one tile, one behind the other. */
export interface EntryBundle {
  readonly bytes: Buffer;
  /** Where the entries begin, in bytes. */
  readonly offsets: readonly number[];
  /** Whether all of them fit into a bundle of the specification. If not, each length has 32 bits. */
  readonly isStandard: boolean;
}

/** The bundle of these entries. Only a directory of an older version has entries that do not fit. */
export function entryBundle(bodies: readonly Uint8Array[]): EntryBundle {
  const isStandard = bodies.every(({ length }) => length <= ENTRY_LIMIT);
  const width = isStandard ? 2 : 4;
  const bytes = Buffer.allocUnsafeSlow(bodies.reduce((sum, { length }) => sum + width + length, 0));
  const offsets: number[] = [];
  let end = 0;
  for (const body of bodies) {
    end = bytes.writeUIntBE(body.length, end, width);
    offsets.push(end);
    bytes.set(body, end);
    end += body.length;
  }
  return { bytes, offsets, isStandard };
}

/** The paths of what belongs to a full tile of entries. */
export function pathsOfBundle(tile: number): { entries: string; large: string; promises: string } {
  const entries = tilePath({ level: 'entries', index: tile, width: TILE_WIDTH });
  const name = entries.slice('tile/entries/'.length);
  // What does not have the form of the specification has another place.
  return { entries, large: `large/${name}`, promises: `promises/${name}` };
}

/**
 * The entries of a full bundle, and where they begin, in bytes.
 * @param width of the lengths, in bytes
 * @throws MalformedError unless it has exactly 256
 */
export function bodiesIn(bytes: Buffer, width: 2 | 4): { bodies: Uint8Array[]; offsets: number[] } {
  const bodies: Uint8Array[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + width > bytes.length) throw new MalformedError('it ends in a length');
    const start = at + width;
    at = start + bytes.readUIntBE(at, width);
    if (at > bytes.length) throw new MalformedError('it ends in an entry');
    offsets.push(start);
    bodies.push(bytes.subarray(start, at));
    if (bodies.length > TILE_WIDTH) break;
  }
  if (bodies.length !== TILE_WIDTH)
    throw new MalformedError(
      `expected ${TILE_WIDTH} entries, found ${bodies.length > TILE_WIDTH ? 'more' : bodies.length}`,
    );
  return { bodies, offsets };
}
