import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { hasKey, indexInRecord, indexRecord, RECORD_BYTES, type IndexKey } from './index-record.ts';
import type { Recent } from '../recent.ts';
import {
  BLOCK_BYTES,
  blockDigest,
  itemsPerBlock,
  NODE_BYTES,
  segmentShape,
  type Row,
} from './segment-shape.ts';

/** What the list of segments says of one. */
export interface SegmentName {
  /** Its file in the directory of the index. */
  readonly file: string;
  /** It has what finds the entries from this index on up to before that one. */
  readonly from: number;
  readonly to: number;
  readonly records: number;
  /** The digest of its last block, which covers all of it. */
  readonly digest: string;
}

/** A part of the index on disk, which never changes. Each block that is read is compared with its digest. */
export class Segment {
  private readonly rows: readonly Row[];
  private readonly descriptor: number;

  /**
   * @param blocks those read lately
   * @throws InputError when its last block is damaged, and the error of the file system
   */
  constructor(
    private readonly directory: string,
    readonly name: SegmentName,
    private readonly blocks: Recent<Buffer>,
  ) {
    this.rows = segmentShape(name.records).rows;
    this.descriptor = openSync(join(directory, name.file), 'r');
    try {
      this.block(this.rows.length - 1, 0);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** How many entries the key finds here. */
  count(key: IndexKey): number {
    return this.place(indexRecord(key, MOST_INDEX)) - this.place(indexRecord(key, 0));
  }

  /** The first entry from this log index on that the key finds here. */
  next(key: IndexKey, from: number): number | undefined {
    const place = this.place(indexRecord(key, from));
    if (place === this.name.records) return undefined;
    const perBlock = itemsPerBlock(this.row(0));
    const block = this.block(0, Math.floor(place / perBlock));
    const at = (place % perBlock) * RECORD_BYTES;
    return hasKey(block, at, key) ? indexInRecord(block, at) : undefined;
  }

  /** The records in blocks, in order. */
  *sorted(): Generator<Buffer> {
    const { items } = this.row(0);
    const perBlock = itemsPerBlock(this.row(0));
    for (let block = 0; block * perBlock < items; block++) yield this.read(0, block);
  }

  /** How many records are before this one. */
  private place(record: Buffer): number {
    let item = 0;
    for (let row = this.rows.length - 1; ; row--) {
      const { itemBytes } = this.row(row);
      const block = this.block(row, item);
      const before = countBefore(block, itemBytes, record);
      const perBlock = itemsPerBlock(this.row(row));
      if (row === 0) return item * perBlock + before;
      // The block below that begins before the record; where none does, the first.
      item = item * perBlock + Math.max(before - 1, 0);
    }
  }

  private block(row: number, index: number): Buffer {
    return this.blocks.get(`${this.name.file}/${row}/${index}`, () => this.read(row, index));
  }

  private read(row: number, index: number): Buffer {
    const { start, items, itemBytes } = this.row(row);
    const perBlock = itemsPerBlock(this.row(row));
    const length = Math.min(BLOCK_BYTES, (items - index * perBlock) * itemBytes);
    const block = Buffer.allocUnsafeSlow(length);
    const found = readSync(this.descriptor, block, 0, length, start + index * BLOCK_BYTES);
    if (found !== length || blockDigest(block) !== this.digestOf(row, index)) throw this.damaged();
    return block;
  }

  private digestOf(row: number, index: number): string {
    const above = this.rows[row + 1];
    if (above === undefined) return this.name.digest;
    const perBlock = itemsPerBlock(above);
    const at = (index % perBlock) * NODE_BYTES + RECORD_BYTES;
    return this.block(row + 1, Math.floor(index / perBlock)).toString(
      'hex',
      at,
      at + NODE_BYTES - RECORD_BYTES,
    );
  }

  private row(row: number): Row {
    const found = this.rows[row];
    if (found === undefined) throw new RangeError(`no row ${row} in a segment`);
    return found;
  }

  private damaged(): InputError {
    return new InputError(
      `${join(this.directory, this.name.file)} is damaged: a block of the search index is not what was written`,
      'stop the log and remove the directory "index": it is made again at the next start',
    );
  }
}

const MOST_INDEX = 2 ** 48 - 1;

/** How many items of a block are before the record, by the record that each begins with. */
function countBefore(block: Buffer, itemBytes: number, record: Buffer): number {
  let [low, high] = [0, block.length / itemBytes];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * itemBytes;
    if (block.compare(record, 0, RECORD_BYTES, at, at + RECORD_BYTES) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
