import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_BYTES } from './index-record.ts';
import type { Segment, SegmentName } from './segment.ts';
import { BLOCK_BYTES, blockDigest, NODE_BYTES, segmentShape } from './segment-shape.ts';

/** Blocks that are written at a time; between them others have their turn. */
const AT_A_TIME = 8;

/**
 * Writes a segment of records that come sorted, in blocks of any length, durably.
 * @throws the error of the file system
 */
export async function writeSegment(
  directory: string,
  name: Pick<SegmentName, 'file' | 'from' | 'to'>,
  sorted: Iterable<Buffer>,
): Promise<SegmentName> {
  const file = await open(join(directory, name.file), 'w', 0o600);
  try {
    let row: { items: number; nodes: Buffer } = await writeRow(file, sorted, RECORD_BYTES);
    const records = row.items;
    let last = row.nodes;
    for (let above = segmentShape(records).rows.length - 1; above > 0; above--) {
      row = await writeRow(file, [row.nodes], NODE_BYTES);
      last = row.nodes;
    }
    await file.datasync();
    return { ...name, records, digest: last.toString('hex', RECORD_BYTES, NODE_BYTES) };
  } finally {
    await file.close();
  }
}

/** Writes the items of a row, and returns the nodes for its blocks. */
async function writeRow(
  file: FileHandle,
  pieces: Iterable<Buffer>,
  itemBytes: number,
): Promise<{ items: number; nodes: Buffer }> {
  const nodes: Buffer[] = [];
  let items = 0;
  let waiting: Buffer[] = [];
  const write = async (block: Buffer) => {
    items += block.length / itemBytes;
    nodes.push(block.subarray(0, RECORD_BYTES), Buffer.from(blockDigest(block), 'hex'));
    waiting.push(block);
    if (waiting.length < AT_A_TIME) return;
    await file.appendFile(Buffer.concat(waiting));
    waiting = [];
  };
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (; rest.length >= BLOCK_BYTES; rest = rest.subarray(BLOCK_BYTES))
      await write(rest.subarray(0, BLOCK_BYTES));
  }
  if (rest.length > 0) await write(rest);
  await file.appendFile(Buffer.concat(waiting));
  return { items, nodes: Buffer.concat(nodes) };
}

/** The records of several segments, sorted, in blocks. */
export function* mergedRecords(segments: readonly Segment[]): Generator<Buffer> {
  const sources = segments.map((segment) => new Source(segment.sorted()));
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let end = 0;
  for (;;) {
    let least: Source | undefined;
    for (const source of sources)
      if (!source.isAtEnd && (least === undefined || source.isBefore(least))) least = source;
    if (least === undefined) break;
    end += least.moveTo(block, end);
    if (end < BLOCK_BYTES) continue;
    yield block;
    [block, end] = [Buffer.allocUnsafe(BLOCK_BYTES), 0];
  }
  if (end > 0) yield block.subarray(0, end);
}

/** The records of a segment, one after the other. */
class Source {
  private block: Buffer = Buffer.alloc(0);
  private at = 0;
  isAtEnd = false;

  constructor(private readonly blocks: Iterator<Buffer>) {
    this.fill();
  }

  isBefore(other: Source): boolean {
    return (
      this.block.compare(other.block, other.at, other.at + RECORD_BYTES, this.at, this.at + RECORD_BYTES) < 0
    );
  }

  /** Moves the first record. */
  moveTo(target: Buffer, offset: number): number {
    this.block.copy(target, offset, this.at, this.at + RECORD_BYTES);
    this.at += RECORD_BYTES;
    this.fill();
    return RECORD_BYTES;
  }

  private fill(): void {
    if (this.at < this.block.length) return;
    const next = this.blocks.next();
    this.isAtEnd = next.done === true;
    if (next.done !== true) [this.block, this.at] = [next.value, 0];
  }
}
