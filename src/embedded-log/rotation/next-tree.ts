import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { AcknowledgedFile } from '../journal/acknowledged.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import { FROZEN_LIST, formatFrozenList, sizeOfAll, type FrozenHead } from '../log/frozen-list.ts';
import { JOURNAL } from '../journal/journal.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import { keepPublicKey, openKey, type KeySource, type SigningKey } from '../key-file.ts';
import { writeJournal } from '../journal/new-journal.ts';
import { logNameOf, newOrigin, signHead } from '../log/origin.ts';
import { replayTree } from '../log/replay-tree.ts';
import { writeStaticCopy } from '../log/static-copy.ts';
import { StoredIndex } from '../index/stored-index.ts';
import { syncDirectory, TileFiles } from '../tiles/tile-files.ts';
import { MerkleTree } from '../tree.ts';

/** What a tree follows. */
export interface BeforeTree {
  /** The trees before it, at least one, the oldest first. */
  readonly frozen: readonly FrozenHead[];
  /** That of the newest of them. */
  readonly header: Pick<JournalHeader, 'publicUrl'>;
  /** The latest time of their entries, in seconds since 1970: the new tree dates nothing before it. */
  readonly newestTime: number;
}

/**
 * Writes the files of a log that goes on in a new tree, without entries, under the same name and with a new key.
 * @param home an empty directory
 * @throws InputError when the key is one that the log had before, and the error of the file system
 */
export async function startNextTree(home: string, before: BeforeTree, source: KeySource): Promise<void> {
  const { frozen, header, newestTime } = before;
  const signer = await openKey(home, false, source);
  const { key } = signer;
  const same = frozen.find((tree) => tree.key.logId === key.logId);
  if (same !== undefined)
    throw new InputError(
      `expected a new key, found the one of tree ${same.treeId}, ${key.logId}`,
      'leave out --key for a key that is made now, or name the file of another one',
    );
  const origin = newOrigin(logNameOf(frozen.at(-1)?.origin ?? ''));
  await writeFirstJournal(join(home, JOURNAL), signer, {
    origin,
    newestTime,
    offset: sizeOfAll(frozen),
    ...(header.publicUrl !== undefined && { publicUrl: header.publicUrl }),
  });
  await keepPublicKey(join(home, 'public-key.pem'), signer);
  await replaceFile(join(home, FROZEN_LIST), formatFrozenList(frozen, origin, signer));
  await writeTheRest(home, signer);
  await syncDirectory(home);
}

async function writeFirstJournal(
  path: string,
  signer: SigningKey,
  {
    origin,
    ...header
  }: Pick<JournalHeader, 'newestTime' | 'offset' | 'publicUrl'> & { readonly origin: string },
): Promise<void> {
  const empty = new MerkleTree();
  const checkpoint = signHead({ origin, size: 0, rootHash: empty.root(0) }, signer);
  const start = { entries: [], upgradedEntries: 0, ...empty.edgeAt(0), ...header };
  await writeJournal(path, { ...start, checkpoint }, signer);
}

/** What follows from the journal: how many entries were acknowledged, the files for tile clients, and an empty index. */
async function writeTheRest(home: string, signer: SigningKey): Promise<void> {
  const files = new TileFiles(home);
  const file = await EntriesFile.open(join(home, JOURNAL), forReading);
  try {
    const { contents, replayed } = await replayTree({ file, files, last: undefined, key: signer.key });
    const { file: acknowledged } = await AcknowledgedFile.open(join(home, 'acknowledged'));
    await acknowledged.write({ unit: 'size', count: 0, chain: replayed.chain });
    await acknowledged.close();
    const read = () => {
      throw new RangeError('an entry of an empty tree');
    };
    await writeStaticCopy({ files, key: signer.key, read }, contents);
    await StoredIndex.make(files, contents.head.origin, signer);
  } finally {
    await file.close();
  }
}
