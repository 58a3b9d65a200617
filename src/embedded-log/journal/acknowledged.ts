import { open, type FileHandle } from 'node:fs/promises';
import { sha256Hex } from '../../digest.ts';
import { encodeUtf8 } from '../../encoding.ts';
import { hasCode } from '../../files/error-code.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { OpenFile } from './entries-file.ts';
import type { Chain } from './record.ts';

/** Its name in the directory of a log. */
export const ACKNOWLEDGED = 'acknowledged';

/** How far the log was durable when an entry was last acknowledged to a client. */
export interface Acknowledged {
  /** What is counted: the entries of the log or, in a directory of version 2, the bytes of its file of records. */
  readonly unit: 'size' | 'bytes';
  /** Up to the end of a batch. */
  readonly count: number;
  /** The chain of the batch's last record. */
  readonly chain: Chain;
}

/**
 * The file `acknowledged`: it notes up to where clients were told of entries. If the journal ends before, the log has
 * lost entries. Two slots are overwritten in turn and in place: that needs no free space
 * on the disk, and a crash can damage only the newer slot.
 */
export class AcknowledgedFile {
  private file: FileHandle | undefined;
  private newest = 0;

  private constructor(
    private readonly path: string,
    private readonly openFile: OpenFile,
  ) {}

  /**
   * The file and its content, which is undefined if missing or damaged.
   * @throws the error of the file system
   */
  static async open(
    path: string,
    openFile: OpenFile = open,
  ): Promise<{ file: AcknowledgedFile; last: Acknowledged | undefined }> {
    const acknowledged = new AcknowledgedFile(path, openFile);
    return { file: acknowledged, last: await acknowledged.read() };
  }

  /** Makes this the newest, durably. @throws the error of the file system */
  async write(acknowledged: Acknowledged): Promise<void> {
    if (this.file === undefined) {
      await replaceFile(this.path, SLOT_PADDING.repeat(2));
      this.file = await this.openFile(this.path, 'r+');
    }
    const slot = 1 - this.newest;
    const bytes = formatSlot(acknowledged);
    await this.file.write(bytes, 0, bytes.length, slot * SLOT_BYTES);
    await this.file.datasync();
    this.newest = slot;
  }

  async close(): Promise<void> {
    await this.file?.close();
  }

  private async read(): Promise<Acknowledged | undefined> {
    try {
      this.file = await this.openFile(this.path, 'r+');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    const { buffer } = await this.file.read(Buffer.alloc(2 * SLOT_BYTES), 0, 2 * SLOT_BYTES, 0);
    const slots = [0, 1].map((slot) =>
      parseSlot(buffer.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)),
    );
    const [first, second] = slots;
    this.newest = isNewer(second, first) ? 1 : 0;
    return slots[this.newest];
  }
}

/** A sector, which a disk writes whole or not at all. */
const SLOT_BYTES = 512;
const SLOT_PADDING = `${' '.repeat(SLOT_BYTES - 1)}\n`;

/** The bytes of a file that notes this and nothing before. */
export function acknowledgedBytes(acknowledged: Acknowledged): Buffer {
  return Buffer.concat([encodeUtf8(SLOT_PADDING), formatSlot(acknowledged)]);
}

/** Whether a slot was written after another: the log only grows, and bytes were counted before entries were. */
function isNewer(slot: Acknowledged | undefined, than: Acknowledged | undefined): boolean {
  if (slot === undefined || than === undefined) return slot !== undefined;
  return slot.unit === than.unit ? slot.count > than.count : slot.unit === 'size';
}

function formatSlot({ unit, count, chain }: Acknowledged): Uint8Array {
  const content = JSON.stringify({ [unit]: count, chain });
  const text = JSON.stringify({ [unit]: count, chain, digest: sha256Hex(encodeUtf8(content)) });
  return encodeUtf8(`${text.padEnd(SLOT_BYTES - 1)}\n`);
}

/** The content of a slot, if it is undamaged. */
function parseSlot(slot: Buffer): Acknowledged | undefined {
  const [, unit, count, chain = ''] =
    /^\{"(size|bytes)":([0-9]{1,15}),"chain":"([0-9a-f]{64})"/.exec(slot.toString('latin1')) ?? [];
  if (unit !== 'size' && unit !== 'bytes') return undefined;
  const acknowledged: Acknowledged = { unit, count: Number(count), chain };
  return slot.equals(formatSlot(acknowledged)) ? acknowledged : undefined;
}
