import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { InputError, MalformedError, messageOf } from '../../errors.ts';
import { isPresent } from '../../files/is-present.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import { ACKNOWLEDGED, AcknowledgedFile } from '../journal/acknowledged.ts';
import type { Batch } from '../journal/batches.ts';
import { checkCopy } from './check-copy.ts';
import { EntryCheck } from './check-entries.ts';
import { IndexCheck } from './check-index.ts';
import { checkTile } from './check-tiles.ts';
import type { LogContents } from '../log/contents.ts';
import type { Damages } from './damages.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import { Journal, JOURNAL } from '../journal/journal.ts';
import { keyOfDirectory } from './key-of-directory.ts';
import { lossForOwner } from '../journal/loss.ts';
import { replayTree } from '../log/replay-tree.ts';
import { RESTORED } from '../restored.ts';
import { ShownTiles } from '../log/shown-tiles.ts';
import { TileFiles } from '../tiles/tile-files.ts';
import { TreeEntries } from '../log/tree-entries.ts';

/** A tree whose directory was looked at. */
export interface CheckedTree {
  readonly files: TileFiles;
  readonly key: LogKey;
  /** What the journal says; undefined when it cannot be read. */
  readonly read: { readonly header: JournalHeader; readonly contents: LogContents } | undefined;
}

/** Is told of how many entries were looked at in full tiles, and how many there are. */
export type OnProgress = (looked: number, of: number) => void;

interface TreeCheckOptions {
  readonly onProgress: OnProgress;
  /** May have signed the index as well. */
  readonly indexKey?: LogKey;
}

/**
 * Looks at all of the directory of a tree, without changing anything.
 * @param findings gets what is wrong
 * @throws InputError when the journal is of an earlier or later version, or there is no key
 */
export async function checkTree(
  home: string,
  findings: Damages,
  { onProgress, indexKey }: TreeCheckOptions,
): Promise<CheckedTree> {
  const path = join(home, JOURNAL);
  const files = new TileFiles(home);
  const last = await acknowledgedIn(home, findings);
  const { key, problems } = await keyOfDirectory(home);
  for (const { file, problem } of problems) findings.add(file, problem);
  const index = new IndexCheck(files, findings);
  const batches: Batch[] = [];
  let read: CheckedTree['read'];
  const file = await EntriesFile.open(path, forReading);
  try {
    const tree = await replayTree({ file, files, last, key }, (batch) => batches.push(batch));
    const { header, contents, replayed } = tree;
    if (replayed.loss !== undefined)
      findings.add(JOURNAL, lossForOwner(path, replayed.loss).slice(path.length + 1));
    read = { header, contents };
    const entries = new TreeEntries({ files, journal: new Journal({ file, header, ...replayed }), key });
    const keys = [key, ...(indexKey === undefined ? [] : [indexKey])];
    const isCopy = await isPresent(join(home, RESTORED));
    await checkAll({ findings, key, keys, index, entries, contents, batches, isCopy, onProgress });
  } catch (error) {
    if (!(error instanceof InputError || error instanceof MalformedError)) throw error;
    if (messageOf(error).includes('has the format')) throw error;
    findings.addError(JOURNAL, error);
  } finally {
    index.finish();
    await file.close();
  }
  return { files, key, read };
}

interface AllParts {
  readonly findings: Damages;
  readonly key: LogKey;
  /** Of which one signed the index. */
  readonly keys: readonly LogKey[];
  readonly index: IndexCheck;
  readonly entries: TreeEntries;
  readonly contents: LogContents;
  readonly batches: readonly Batch[];
  /** Whether it was restored: it has no index and no copy for clients of tiles yet. */
  readonly isCopy: boolean;
  readonly onProgress: OnProgress;
}

async function checkAll(parts: AllParts): Promise<void> {
  const { findings, key, keys, index, entries, contents, batches, isCopy, onProgress } = parts;
  const { files, header } = entries;
  const { first, newestTime, offset = 0 } = header;
  const { origin } = contents.head;
  if (!isCopy) index.open(origin, keys, first);
  // Before the first tile the header has the latest time of the trees before.
  const check = new EntryCheck(key, findings, index, { offset, newestTime: first === 0 ? newestTime : 0 });
  const node = (height: number, at: number) => contents.tree.node(height, at);
  for (let tile = 0; tile < first / TILE_WIDTH; tile++) {
    checkTile(tile, { files, findings, entries: check, key, origin, node });
    onProgress((tile + 1) * TILE_WIDTH, first);
    await setImmediate();
  }
  if ((check.latest ?? newestTime) !== newestTime)
    findings.add(JOURNAL, 'its header has another time than the newest tile');
  let at = first;
  for (const { entries: batch } of batches)
    for (const entry of batch) check.look(JOURNAL, at++, entry, leafHash(entry.body));
  if (!isCopy) checkCopy({ files, findings, key, contents, shown: new ShownTiles(entries, contents) });
}

async function acknowledgedIn(
  home: string,
  findings: Damages,
): Promise<Awaited<ReturnType<typeof AcknowledgedFile.open>>['last']> {
  const { file, last } = await AcknowledgedFile.open(join(home, ACKNOWLEDGED), forReading);
  await file.close();
  if (last === undefined)
    findings.add(
      ACKNOWLEDGED,
      'it is missing or damaged: whether entries are missing at the end cannot be told',
    );
  return last;
}
