import { messageOf } from '../../errors.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { LogContents } from './contents.ts';
import { filesOfFullTile } from '../tiles/full-tiles.ts';
import { SEGMENT_ENTRIES } from '../index/log-index.ts';
import type { StoredEntry } from '../journal/record.ts';
import type { Store } from './store.ts';

/** When entries are moved from the journal into tiles: when they are so many, or the journal has so many bytes. */
export interface MoveLimits {
  readonly entries: number;
  readonly bytes: number;
  /** So many of them go together from memory into the index on disk; a multiple of 256. */
  readonly indexed: number;
}

const USUAL: MoveLimits = { entries: 4 * TILE_WIDTH, bytes: 16 << 20, indexed: SEGMENT_ENTRIES };

/**
 * Moves entries from the journal into full tiles. The tiles are written beside the uploads, as nothing reads them before
 * they count; only replacing the journal has its turn between two batches.
 */
export class TileWriter {
  private writing: Promise<void> | undefined;
  /** The entries before this one are in durable tiles. */
  private written: number;
  private trouble = '';

  constructor(
    private readonly store: Store,
    private readonly contents: LogContents,
    private readonly warn: (text: string) => void,
    private readonly limits: MoveLimits = USUAL,
  ) {
    this.written = store.header.first;
  }

  /** Begins to write tiles when it is time to. To be called when a batch is published. */
  begin(limits: Pick<MoveLimits, 'entries' | 'bytes'> = this.limits): void {
    const { first } = this.store.header;
    const end = Math.floor(this.contents.head.size / TILE_WIDTH) * TILE_WIDTH;
    const isDue = end - first >= limits.entries || this.store.journalBytes > limits.bytes;
    if (this.writing !== undefined || !isDue || end === this.written) return;
    this.writing = this.write(this.written, end).finally(() => (this.writing = undefined));
  }

  /** Lets the journal begin behind the tiles that are written. To be called while no batch is under way. */
  async move(): Promise<void> {
    const { store, contents, written } = this;
    if (written === store.header.first) return;
    try {
      const newest = store.read(written - 1).integratedTime;
      await store.moveStart(contents.tree.edgeAt(written), newest);
      contents.tree.prune(written);
    } catch (error) {
      this.tell(error);
    }
  }

  /** Moves all that makes full tiles. No batch may be under way, nor begin. */
  async finish(): Promise<void> {
    await this.writing;
    this.begin({ entries: TILE_WIDTH, bytes: 0 });
    await this.writing;
    await this.move();
    const { store, contents } = this;
    await contents.index.store(store.header.first, this.limits.indexed).catch((error: unknown) => {
      this.tell(error);
    });
  }

  private async write(from: number, to: number): Promise<void> {
    const { store, contents } = this;
    try {
      let index = store.header.first;
      let entries: StoredEntry[] = [];
      for (const entry of store.checkedEntries()) {
        if (index++ >= from) entries.push(entry);
        if (entries.length < TILE_WIDTH) continue;
        await this.writeTile(index / TILE_WIDTH - 1, entries);
        this.written = index;
        if (index === to) break;
        entries = [];
      }
      await contents.index.store(store.header.first, this.limits.indexed);
      this.trouble = '';
    } catch (error) {
      this.tell(error);
    }
  }

  private async writeTile(index: number, entries: readonly StoredEntry[]): Promise<void> {
    const { store, contents } = this;
    const { tree, head } = contents;
    const files = filesOfFullTile(index, entries, { tree, origin: head.origin, signer: store.signer });
    await store.files.write(files);
    // What a copy of an earlier moment had of the tile: see `static-copy.ts`.
    for (const path of files.keys()) await store.files.remove(`${path}.p`);
  }

  /** What is not in tiles stays in the journal, so nothing is lost; it is tried again with the next batch. */
  private tell(error: unknown): void {
    const trouble = `cannot move entries from the journal into tiles: ${messageOf(error)}`;
    if (trouble !== this.trouble) this.warn(trouble);
    this.trouble = trouble;
  }
}
