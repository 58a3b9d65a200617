import * as z from '../zod.ts';
import { decodeBase64, encodeBase64 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import type { TreeEdge } from './tree.ts';

/** The first record of a journal: what is true of the entries before those of the journal, and of the log. */
export interface JournalHeader extends TreeEdge {
  /** How many entries come from a directory of version 0.4.0, which did not keep the promised times. */
  readonly upgradedEntries: number;
  /** The latest time of the entries before, in seconds since 1970; 0 if there are none. */
  readonly newestTime: number;
  /** The chain from which the next record goes on. */
  readonly before: string;
  /** Where others reach the log, as its owner said when it was made. */
  readonly publicUrl?: string;
}

const headerSchema = lateSchema(() =>
  z.strictObject({
    version: z.int(),
    upgradedEntries: z.int(),
    first: z.int(),
    edge: z.array(z.string()),
    newestTime: z.int(),
    publicUrl: z.optional(z.string()),
    before: z.string(),
    chain: z.string(),
  }),
);

/** The members of the record, in the order in which they are written. */
export function headerMembers(header: JournalHeader): object {
  const { upgradedEntries, first, hashes, newestTime, publicUrl, before } = header;
  const edge = hashes.map(encodeBase64);
  const place = publicUrl === undefined ? {} : { publicUrl };
  return { version: 3, upgradedEntries, first, edge, newestTime, ...place, before };
}

/** The header that these members spell. @throws MalformedError when they spell none */
export function readHeader(members: object): JournalHeader {
  const { upgradedEntries, first, edge, newestTime, publicUrl, before } = checkShape(headerSchema(), members);
  const hashes = edge.map(decodeBase64);
  const isWhole = hashes.every(({ length }, at) => length === HASH_BYTES * partialWidth(first, at + 1));
  if (first < 0 || first % TILE_WIDTH !== 0 || !isWhole || first >= TILE_WIDTH ** (edge.length + 1))
    throw new MalformedError('expected the incomplete tiles of all levels of the tree');
  const place = publicUrl === undefined ? {} : { publicUrl };
  return { upgradedEntries, first, hashes, newestTime, before, ...place };
}

function partialWidth(first: number, level: number): number {
  return Math.floor(first / TILE_WIDTH ** level) % TILE_WIDTH;
}
