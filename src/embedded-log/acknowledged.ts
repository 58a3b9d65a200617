import { open, type FileHandle } from 'node:fs/promises';
import { sha256Hex } from '../digest.ts';
import { encodeUtf8 } from '../encoding.ts';
import { hasCode } from '../files/error-code.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { OpenFile } from './entries-file.ts';
import type { Chain } from './record.ts';

/** How far the file of records was durable when an entry was last acknowledged to a client. */
export interface Acknowledged {
  /** The length of the file up to the end of a batch. */
  readonly bytes: number;
  /** The chain of the batch's last record. */
  readonly chain: Chain;
}

/**
 * The file `acknowledged`: it notes up to where clients were told of entries. If the file of records is
 * shorter, the log has lost entries. Two slots are overwritten in turn and in place: that needs no free space
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
    // The larger length is the newer one, because the file of records only grows.
    this.newest = (second?.bytes ?? -1) > (first?.bytes ?? -1) ? 1 : 0;
    return slots[this.newest];
  }
}

/** A sector, which a disk writes whole or not at all. */
const SLOT_BYTES = 512;
const SLOT_PADDING = `${' '.repeat(SLOT_BYTES - 1)}\n`;

function formatSlot({ bytes, chain }: Acknowledged): Uint8Array {
  const content = JSON.stringify({ bytes, chain });
  const text = JSON.stringify({ bytes, chain, digest: sha256Hex(encodeUtf8(content)) });
  return encodeUtf8(`${text.padEnd(SLOT_BYTES - 1)}\n`);
}

/** The content of a slot, if it is undamaged. */
function parseSlot(slot: Buffer): Acknowledged | undefined {
  const [, bytes, chain = ''] =
    /^\{"bytes":([0-9]{1,15}),"chain":"([0-9a-f]{64})"/.exec(slot.toString('latin1')) ?? [];
  if (bytes === undefined) return undefined;
  const acknowledged = { bytes: Number(bytes), chain };
  return slot.equals(formatSlot(acknowledged)) ? acknowledged : undefined;
}
