import { join } from 'node:path';
import { MalformedError } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { damaged, damagedFile } from '../damage.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import { FROZEN_DIRECTORY, FROZEN_LIST, parseFrozenList, sizeOfAll, type FrozenHead } from './frozen-list.ts';
import type { LogContents } from './contents.ts';
import { Journal, JOURNAL } from '../journal/journal.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import type { SigningKey } from '../key-file.ts';
import { openIndex } from './open-index.ts';
import { replayTree } from './replay-tree.ts';
import type { Store } from './store.ts';
import { TileFiles } from '../tiles/tile-files.ts';
import { TreeEntries } from './tree-entries.ts';
import { TreeReader } from './tree-reader.ts';

/** A tree that does not grow any more. What is in it was signed with a key of its own, with which nothing is signed again. */
export class FrozenTree extends TreeReader {
  /** @param file its journal */
  constructor(
    entries: TreeEntries,
    contents: LogContents,
    { key }: FrozenHead,
    private readonly file: EntriesFile,
  ) {
    super(entries, contents, key);
  }

  async close(): Promise<void> {
    this.contents.index.close();
    await this.file.close();
  }
}

/**
 * The list of the trees that were frozen before this one; empty if the log was never rotated.
 * @param tree that of the directory `files.home`
 * @throws InputError when the list is missing, or not the one that was signed
 */
export function frozenTreesIn(
  files: TileFiles,
  { header, origin, key }: Pick<FrozenHead, 'origin' | 'key'> & { readonly header: JournalHeader },
): FrozenHead[] {
  if (header.offset === undefined) return [];
  const bytes = files.read(FROZEN_LIST);
  if (bytes === undefined) throw damagedFile(files.home, FROZEN_LIST, 'it is missing');
  const heads = parsed(bytes, files, origin, key);
  const size = sizeOfAll(heads);
  if (size !== header.offset)
    throw damagedFile(
      files.home,
      FROZEN_LIST,
      `it has ${size} entries, and ${JOURNAL} follows ${header.offset}`,
    );
  return heads;
}

function parsed(bytes: Uint8Array, { home }: TileFiles, origin: string, key: LogKey): FrozenHead[] {
  try {
    return parseFrozenList(bytes, origin, key);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw damagedFile(home, FROZEN_LIST, error.message);
  }
}

/**
 * Opens the trees that were frozen before that of a log, to read them, the oldest first.
 * @throws InputError when one of them is missing or damaged
 */
export async function openFrozenTrees(
  { files, header, signer }: Store,
  origin: string,
  warn: (text: string) => void,
): Promise<FrozenTree[]> {
  const trees: FrozenTree[] = [];
  try {
    let offset = 0;
    for (const head of frozenTreesIn(files, { header, origin, key: signer.key })) {
      const home = join(files.home, FROZEN_DIRECTORY, head.treeId);
      trees.push(await openFrozenTree(home, head, { offset, signer, warn }));
      offset += head.size;
    }
    return trees;
  } catch (error) {
    for (const tree of trees) await tree.close();
    throw error;
  }
}

interface Opening {
  /** How many entries the trees before it have. */
  readonly offset: number;
  /** Signs its index, if that has to be made again. */
  readonly signer: SigningKey;
  readonly warn: (text: string) => void;
}

async function openFrozenTree(
  home: string,
  head: FrozenHead,
  { offset, signer, warn }: Opening,
): Promise<FrozenTree> {
  const { key, text } = head;
  const path = join(home, JOURNAL);
  const files = new TileFiles(home);
  const file = await EntriesFile.open(path, forReading).catch((error: unknown) => {
    throw hasCode(error, 'ENOENT', 'ENOTDIR') ? damagedFile(home, JOURNAL, 'it is missing') : error;
  });
  try {
    const { header, contents, replayed } = await replayTree({ file, files, last: undefined, key });
    if (contents.head.text !== text || (header.offset ?? 0) !== offset)
      throw damaged(path, 'its end', `it is not what was frozen, as ${FROZEN_LIST} has it`);
    const entries = new TreeEntries({ files, journal: new Journal({ file, header, ...replayed }), key });
    await openIndex({ entries, signer, treeKey: key }, contents, warn);
    return new FrozenTree(entries, contents, head, file);
  } catch (error) {
    await file.close();
    throw error;
  }
}
