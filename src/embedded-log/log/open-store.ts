import { join } from 'node:path';
import { InputError, MalformedError, messageOf } from '../../errors.ts';
import { isPresent } from '../../files/is-present.ts';
import type { KernelLock } from '../../files/kernel-lock.ts';
import { ACKNOWLEDGED, AcknowledgedFile } from '../journal/acknowledged.ts';
import type { LogContents } from './contents.ts';
import { EntriesFile, type OpenFile } from '../journal/entries-file.ts';
import { findLog } from './found-log.ts';
import { Journal, JOURNAL } from '../journal/journal.ts';
import { writeJournal } from '../journal/new-journal.ts';
import { finishRotation, requireNotFrozen } from './finish-rotation.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import { keepPublicKey, openKey, type KeySource, type SigningKey } from '../key-file.ts';
import { withLockedDirectory } from './locked-directory.ts';
import { lossForOwner } from '../journal/loss.ts';
import { migrate } from './migrate.ts';
import { logNameOf, newOrigin, signHead } from './origin.ts';
import { openIndex } from './open-index.ts';
import { replayTree } from './replay-tree.ts';
import { RESTORED, restoredForOwner } from '../restored.ts';
import { Store } from './store.ts';
import { syncDirectory, TileFiles } from '../tiles/tile-files.ts';
import { MerkleTree } from '../tree.ts';

/** What is decided when a log is made, and cannot be changed. */
interface Identity {
  /** The name under which the log signs. */
  readonly name?: string;
  /** Where others reach it. */
  readonly publicUrl?: string;
}

export interface StoreOptions extends Identity, KeySource {
  /** Is told what the owner of the log should know. */
  readonly warn: (text: string) => void;
  /** Whether the caller knows that nothing may be added to a directory that was restored. */
  readonly mayBeRestored?: true;
  /** How files that change while the log is served are opened. */
  readonly openFile?: OpenFile;
}

/** The directory of a log, and what is in it. */
export interface OpenedStore {
  readonly store: Store;
  readonly contents: LogContents;
}

/**
 * Opens the directory of a log, or makes a new one, and reads its journal. It removes the remains of a batch that a crash cut
 * off, and brings a directory of an older version to the present format. All that was read is durable when the promise is
 * fulfilled. If the journal is undamaged but lacks acknowledged entries, the store can only be read.
 * @throws InputError when another process uses it, when it cannot be locked, or when it is damaged
 */
export async function openStore(directory: string, options: StoreOptions): Promise<OpenedStore> {
  return await withLockedDirectory(
    directory,
    async ({ home, lock }) => await openLocked(home, lock, options),
  );
}

async function openLocked(home: string, lock: KernelLock, options: StoreOptions): Promise<OpenedStore> {
  const { openFile, warn } = options;
  await requireNotFrozen(home);
  await finishRotation(home);
  const path = join(home, JOURNAL);
  const files = new TileFiles(home);
  const { file: acknowledged, last } = await AcknowledgedFile.open(join(home, ACKNOWLEDGED), openFile);
  try {
    const found = await findLog(path, last);
    const signer = await openKey(home, found !== 0, options);
    if (found === 0) await makeLog(path, signer, options);
    if (found === 1 || found === 2) {
      const count = await migrate(path, found, last, signer, files).catch((error: unknown) => {
        if (!(error instanceof MalformedError)) throw error;
        throw new InputError(`${path} is damaged: ${error.message}`, 'restore it from a backup');
      });
      await syncDirectory(home);
      if (found === 1) warn(oldTimes(path, count));
    }
    const publicKeyPath = join(home, 'public-key.pem');
    await keepPublicKey(publicKeyPath, signer).catch((error: unknown) => {
      warn(`cannot write ${publicKeyPath}: ${messageOf(error)}`);
    });
    if (found === 3 && last === undefined)
      warn(`${home} has no file "acknowledged": whether entries are missing at the end cannot be told`);
    const entries = await EntriesFile.open(path, openFile);
    try {
      const { key } = signer;
      const { header, contents, replayed } = await replayTree({ file: entries, files, last, key });
      const { loss, end } = replayed;
      requireIdentity(header, contents, options);
      if (loss !== undefined) warn(lossForOwner(path, loss));
      // A process that crashed may have left data only in the cache of the system. It must be durable before
      // clients see it.
      await entries.settle(end);
      await syncDirectory(home);
      // With a loss, the note of what was acknowledged stays until the entries are there again.
      const { chain, size: count } = replayed;
      if (loss === undefined && last?.chain !== chain)
        await acknowledged.write({ unit: 'size', count, chain }).catch((error: unknown) => {
          warn(`cannot note what was acknowledged: ${messageOf(error)}`);
        });
      const journal = new Journal({ file: entries, header, ...replayed });
      const isRestored = await isPresent(join(home, RESTORED));
      if (isRestored && !options.mayBeRestored) warn(restoredForOwner(home));
      const parts = { signer, publicKeyPath, files, journal, acknowledged, lock, loss, isRestored, warn };
      const store = new Store(parts);
      await openIndex({ entries: store, signer }, contents, warn);
      return { store, contents };
    } catch (error) {
      await entries.close();
      throw error;
    }
  } catch (error) {
    await acknowledged.close();
    throw error;
  }
}

async function makeLog(path: string, signer: SigningKey, { name, publicUrl }: Identity): Promise<void> {
  const empty = new MerkleTree();
  const checkpoint = signHead({ origin: newOrigin(name), size: 0, rootHash: empty.root(0) }, signer);
  const place = publicUrl === undefined ? {} : { publicUrl };
  const start = { entries: [], upgradedEntries: 0, newestTime: 0, ...empty.edgeAt(0), ...place };
  await writeJournal(path, { ...start, checkpoint }, signer);
}

/** @throws InputError when the log was made with another name, or for another address */
function requireIdentity(header: JournalHeader, { head }: LogContents, wanted: Identity): void {
  const made = { name: logNameOf(head.origin), publicUrl: header.publicUrl };
  for (const [option, member] of [
    ['--origin', 'name'],
    ['--public-url', 'publicUrl'],
  ] as const)
    if (wanted[member] !== undefined && wanted[member] !== made[member])
      throw new InputError(
        `the log was made with ${option} ${made[member] ?? '(none)'}, and cannot change to ${wanted[member]}`,
        `leave ${option} out`,
      );
}

function oldTimes(path: string, count: number): string {
  return (
    `${path} had the format of version 0.4.0 and was rewritten: ${count} entries keep the times that it had; ` +
    'whether these are the times that were promised cannot be told'
  );
}
