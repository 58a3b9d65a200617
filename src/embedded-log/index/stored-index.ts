import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MalformedError } from '../../errors.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { IndexKey } from './index-record.ts';
import type { SigningKey } from '../key-file.ts';
import { Recent } from '../recent.ts';
import { formatSegmentList, parseSegmentList } from './segment-list.ts';
import { mergedRecords, writeSegment } from './segment-writer.ts';
import { Segment, type SegmentName } from './segment.ts';
import { syncDirectory, type TileFiles } from '../tiles/tile-files.ts';

/** The directory of the index, and its list of segments. */
export const INDEX_DIRECTORY = 'index';
export const INDEX_LIST = 'segments.json';
/** Blocks that are kept in memory, at 4 KiB each. */
const KEPT = 2048;
/** So many segments of about one size are merged: a search asks a few segments for each power of it. */
const MERGED_AT_ONCE = 4;

/** The tree of an index. */
export interface IndexedTree {
  readonly origin: string;
  /** Its entries before this one are in full tiles. */
  readonly first: number;
  /** Signs the index. */
  readonly signer: SigningKey;
  /** The key of the tree, if that is another one: nothing is signed with the key of a frozen tree. */
  readonly treeKey?: LogKey;
}

/**
 * The index on disk: sorted segments, each for the entries that follow those of the one before. It can be made again from
 * what is kept beside the entries, so what is wrong with it is no reason to stop.
 */
export class StoredIndex {
  private segments: readonly Segment[] = [];
  private readonly blocks = new Recent<Buffer>(KEPT);

  private constructor(
    private readonly files: TileFiles,
    private readonly origin: string,
    private readonly signer: SigningKey,
  ) {}

  /**
   * The index of the first entries, at most `first`. Of their number nothing depends how much is read.
   * @throws MalformedError when it is missing or damaged, and the error of the file system
   */
  static open(files: TileFiles, { origin, signer, first, treeKey = signer.key }: IndexedTree): StoredIndex {
    const index = new StoredIndex(files, origin, signer);
    const list = files.read(join(INDEX_DIRECTORY, INDEX_LIST));
    if (list === undefined) throw new MalformedError('it is missing');
    const names = parseSegmentList(list, origin, [signer.key, treeKey]);
    let end = 0;
    for (const { from, to, records } of names) {
      if (from !== end || to <= from || records < 1) throw new MalformedError('it does not have all entries');
      end = to;
    }
    if (end > first) throw new MalformedError('it has entries that the log does not have');
    index.segments = index.openAll(names);
    return index;
  }

  /** An index without entries, in place of what is there. @throws the error of the file system */
  static async make(files: TileFiles, origin: string, signer: SigningKey): Promise<StoredIndex> {
    await files.remove(INDEX_DIRECTORY);
    const index = new StoredIndex(files, origin, signer);
    await files.write(
      new Map([[join(INDEX_DIRECTORY, INDEX_LIST), Buffer.from(formatSegmentList([], origin, signer))]]),
    );
    return index;
  }

  /** The entries before this one are in it. */
  get end(): number {
    return this.segments.at(-1)?.name.to ?? 0;
  }

  /** The first entry from this log index on that the key finds. @throws InputError when it is damaged */
  next(key: IndexKey, from: number): number | undefined {
    for (const segment of this.segments) {
      const found = segment.name.to > from ? segment.next(key, from) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** How many entries the key finds. @throws InputError when it is damaged */
  countOf(key: IndexKey): number {
    return this.segments.reduce((sum, segment) => sum + segment.count(key), 0);
  }

  /**
   * Adds the records of the entries up to before this one, durably, and merges segments. One call must end before the next.
   * @throws the error of the file system; then it is as it was
   */
  async add(to: number, sorted: Buffer): Promise<void> {
    await this.replace(0, to, [sorted]);
    for (let merged = this.toMerge(); merged.length > 0; merged = this.toMerge())
      await this.replace(merged.length, this.end, mergedRecords(merged));
  }

  close(): void {
    for (const segment of this.segments) segment.close();
    this.segments = [];
  }

  /** Removes what no list names: the remains of a crash. */
  async tidy(): Promise<void> {
    const names = new Set([INDEX_LIST, ...this.segments.map(({ name }) => name.file)]);
    for (const file of await readdir(this.directory))
      if (!names.has(file)) await this.files.remove(join(INDEX_DIRECTORY, file));
  }

  /** Puts a new segment in the place of the last ones. */
  private async replace(count: number, to: number, sorted: Iterable<Buffer>): Promise<void> {
    const kept = this.segments.slice(0, this.segments.length - count);
    const replaced = this.segments.slice(kept.length);
    const from = kept.at(-1)?.name.to ?? 0;
    const name = await writeSegment(this.directory, { file: `${from}-${to}`, from, to }, sorted);
    const names = [...kept.map((segment) => segment.name), name];
    const list = formatSegmentList(names, this.origin, this.signer);
    await replaceFile(join(this.directory, INDEX_LIST), list);
    await syncDirectory(this.directory);
    this.segments = [...kept, ...this.openAll([name])];
    for (const segment of replaced) {
      segment.close();
      await this.files.remove(join(INDEX_DIRECTORY, segment.name.file));
    }
  }

  /** The last segments, when they are enough of about one size. */
  private toMerge(): readonly Segment[] {
    const last = this.segments.slice(-MERGED_AT_ONCE);
    const sizes = new Set(last.map(({ name }) => Math.floor(Math.log2(name.to - name.from) / 2)));
    return last.length === MERGED_AT_ONCE && sizes.size === 1 ? last : [];
  }

  private openAll(names: readonly SegmentName[]): Segment[] {
    return names.map((name) => new Segment(this.directory, name, this.blocks));
  }

  private get directory(): string {
    return join(this.files.home, INDEX_DIRECTORY);
  }
}
