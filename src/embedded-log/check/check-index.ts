import { join } from 'node:path';
import { MalformedError, messageOf } from '../../errors.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { Damages } from './damages.ts';
import { leafKey, RECORD_BYTES, searchKey } from '../index/index-record.ts';
import { Recent } from '../recent.ts';
import { parseSegmentList } from '../index/segment-list.ts';
import { Segment } from '../index/segment.ts';
import { INDEX_DIRECTORY, INDEX_LIST } from '../index/stored-index.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** A segment, and the records that it should have. */
interface ExpectedSegment {
  readonly segment: Segment;
  expected: number;
}

/** Looks at the index of a log: whether it finds exactly what it should. */
export class IndexCheck {
  private readonly segments: ExpectedSegment[] = [];
  private isUsable = true;

  constructor(
    private readonly files: TileFiles,
    private readonly findings: Damages,
  ) {}

  /**
   * Looks at each block of each segment.
   * @param keys of which one signed it
   * @param first the entries before this one may be in it
   */
  open(origin: string, keys: readonly LogKey[], first: number): void {
    try {
      const list = this.files.read(join(INDEX_DIRECTORY, INDEX_LIST));
      if (list === undefined) throw new MalformedError('it is missing; it is made again at the next start');
      let end = 0;
      for (const name of parseSegmentList(list, origin, keys)) {
        if (name.from !== end || name.to > first)
          throw new MalformedError('it is of another state of the log');
        end = name.to;
        this.openSegment(name);
      }
    } catch (error) {
      this.isUsable = false;
      this.findings.add(join(INDEX_DIRECTORY, INDEX_LIST), messageOf(error));
    }
  }

  /** What should find some entries from this one on is not known. */
  skip(index: number): void {
    for (const each of this.segments)
      if (index >= each.segment.name.from && index < each.segment.name.to) each.expected = NaN;
  }

  /** The next entry of the log, and what should find it. */
  expect(index: number, indexKeys: readonly string[], leaf: string): void {
    const holder = this.segments.find(({ segment: { name } }) => index >= name.from && index < name.to);
    if (holder === undefined || !this.isUsable) return;
    const { segment } = holder;
    const file = join(INDEX_DIRECTORY, segment.name.file);
    const keys = new Set(indexKeys.map(searchKey));
    holder.expected += keys.size + 1;
    try {
      for (const key of keys)
        if (segment.next(key, index) !== index)
          this.findings.add(file, `a search does not find entry ${index}`);
      const found = segment.next(leafKey(leaf), 0);
      if (found !== index)
        this.findings.add(
          file,
          `the leaf of entry ${index} ${found === undefined ? 'is not found' : `is that of entry ${found}`}`,
        );
    } catch (error) {
      this.findings.addError(file, error);
    }
  }

  /** Looks whether there is anything else in the index, and closes it. */
  finish(): void {
    for (const { segment, expected } of this.segments) {
      const { file, records } = segment.name;
      if (this.isUsable && !Number.isNaN(expected) && expected !== records)
        this.findings.add(join(INDEX_DIRECTORY, file), `expected ${expected} records, found ${records}`);
      segment.close();
    }
  }

  private openSegment(name: Segment['name']): void {
    const file = join(INDEX_DIRECTORY, name.file);
    try {
      const segment = new Segment(join(this.files.home, INDEX_DIRECTORY), name, new Recent<Buffer>(2048));
      this.segments.push({ segment, expected: 0 });
      let before: Buffer = Buffer.alloc(0);
      for (const block of segment.sorted())
        for (let at = 0; at < block.length; at += RECORD_BYTES) {
          const record = block.subarray(at, at + RECORD_BYTES);
          if (before.compare(record) >= 0) throw new MalformedError('its records are not sorted');
          before = record;
        }
    } catch (error) {
      this.isUsable = false;
      this.findings.addError(file, error);
    }
  }
}
