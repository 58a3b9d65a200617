import * as z from '../../zod.ts';
import { decodeBase64, encodeBase64 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema } from '../../shape.ts';
import { HASH_BYTES } from '../../tlog/merkle.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { TreeEdge } from '../tree.ts';

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
  /** After a rotation: how many entries the trees before this one have. Older programs refuse a header with it. */
  readonly offset?: number;
}

const headerSchema = lateSchema(() =>
  z.strictObject({
    version: z.int(),
    upgradedEntries: z.int(),
    first: z.int(),
    edge: z.array(z.string()),
    newestTime: z.int(),
    publicUrl: z.optional(z.string()),
    offset: z.optional(z.int()),
    before: z.string(),
    chain: z.string(),
  }),
);

/** The members of the record, in the order in which they are written. */
export function headerMembers(header: JournalHeader): object {
  const { upgradedEntries, first, hashes, newestTime, before } = header;
  const edge = hashes.map(encodeBase64);
  return { version: 3, upgradedEntries, first, edge, newestTime, ...optionalMembers(header), before };
}

/** The header that these members spell. @throws MalformedError when they spell none */
export function readHeader(members: object): JournalHeader {
  const header = checkShape(headerSchema(), members);
  const { upgradedEntries, first, edge, newestTime, before } = header;
  const hashes = edge.map(decodeBase64);
  const isWhole = hashes.every(({ length }, at) => length === HASH_BYTES * partialWidth(first, at + 1));
  if (first < 0 || first % TILE_WIDTH !== 0 || !isWhole || first >= TILE_WIDTH ** (edge.length + 1))
    throw new MalformedError('expected the incomplete tiles of all levels of the tree');
  if ((header.offset ?? 0) < 0)
    throw new MalformedError('expected a number of entries before those of this tree');
  return { upgradedEntries, first, hashes, newestTime, before, ...optionalMembers(header) };
}

function optionalMembers({
  publicUrl,
  offset,
}: {
  readonly publicUrl?: string | undefined;
  readonly offset?: number | undefined;
}): Pick<JournalHeader, 'publicUrl' | 'offset'> {
  return { ...(publicUrl !== undefined && { publicUrl }), ...(offset !== undefined && { offset }) };
}

function partialWidth(first: number, level: number): number {
  return Math.floor(first / TILE_WIDTH ** level) % TILE_WIDTH;
}
