import type { LogKey } from '../../tlog/log-key.ts';
import type { Acknowledged } from '../journal/acknowledged.ts';
import type { Batch } from '../journal/batches.ts';
import { LogContents } from './contents.ts';
import { damaged } from '../damage.ts';
import type { EntriesFile } from '../journal/entries-file.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import { replay, type Replayed } from '../journal/replay.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** The journal of a tree, and the tree at its end. */
export interface ReplayedTree {
  readonly header: JournalHeader;
  readonly contents: LogContents;
  readonly replayed: Replayed;
}

/** A tree whose journal is open. */
export interface TreeToReplay {
  readonly file: EntriesFile;
  /** Those of the entries before. */
  readonly files: TileFiles;
  /** What was acknowledged, if that is known. */
  readonly last: Acknowledged | undefined;
  readonly key: LogKey;
}

/**
 * Reads the journal of a tree to its end.
 * @param onBatch is shown each batch
 * @throws InputError as `replay`
 */
export async function replayTree(
  { file, files, last, key }: TreeToReplay,
  onBatch: (batch: Batch) => void = () => undefined,
): Promise<ReplayedTree> {
  let header: JournalHeader | undefined;
  let contents: LogContents | undefined;
  // What was counted in bytes is of the file that was there before.
  const told = last?.unit === 'size' ? last : undefined;
  const replayed = await replay(
    file,
    told,
    { key },
    {
      start: (record) => {
        ({ header } = record);
        if (header !== undefined) contents = new LogContents(header, files);
      },
      accept: (batch) => {
        contents?.replay(batch);
        onBatch(batch);
      },
    },
  );
  if (header === undefined || contents === undefined)
    throw damaged(file.path, 'line 1', 'expected its header');
  return { header, contents, replayed };
}
