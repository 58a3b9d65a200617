import { hash } from 'node:crypto';
import { RECORD_BYTES } from './index-record.ts';

/**
 * The shape of a segment of the index: a file of sorted records in blocks, behind them a row of nodes that name these
 * blocks, behind it a row that names those, and so on up to a row of one block. A node is the first record of a block and
 * 16 bytes of its SHA-256. So one digest, that of the last block, covers the whole file.
 */
export interface SegmentShape {
  /** For each row, from the records on: where it begins in bytes, how many items it has, and bytes an item. */
  readonly rows: readonly Row[];
}

export interface Row {
  readonly start: number;
  readonly items: number;
  readonly itemBytes: number;
}

const DIGEST_BYTES = 16;
/** Bytes of a record and a digest. */
export const NODE_BYTES = RECORD_BYTES + DIGEST_BYTES;
/** A multiple of both sizes of items, and about a page. */
export const BLOCK_BYTES = 4080;

/** The shape of a segment of so many records, one or more. */
export function segmentShape(records: number): SegmentShape {
  const rows: Row[] = [];
  let start = 0;
  let row = { items: records, itemBytes: RECORD_BYTES };
  for (;;) {
    rows.push({ start, ...row });
    start += row.items * row.itemBytes;
    const blocks = Math.ceil((row.items * row.itemBytes) / BLOCK_BYTES);
    if (blocks <= 1) return { rows };
    row = { items: blocks, itemBytes: NODE_BYTES };
  }
}

/** The items of a full block of a row. */
export function itemsPerBlock({ itemBytes }: Row): number {
  return BLOCK_BYTES / itemBytes;
}

/** What stands for the content of a block: 16 bytes, in hexadecimal. */
export function blockDigest(block: Uint8Array): string {
  return hash('sha256', block, 'hex').slice(0, 2 * DIGEST_BYTES);
}
