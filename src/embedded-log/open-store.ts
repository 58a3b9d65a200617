import { mkdir, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';
import { InputError, MalformedError, messageOf, SigstoreError } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { LockHeldError, lockFile, LockUnavailableError, type KernelLock } from '../files/kernel-lock.ts';
import { AcknowledgedFile, type Acknowledged } from './acknowledged.ts';
import type { Batch } from './batches.ts';
import { EntriesFile, type OpenFile } from './entries-file.ts';
import { keepPublicKey, openKey, type SigningKey } from './key-file.ts';
import { lossForOwner } from './loss.ts';
import { upgradeFile, writeNewFile } from './new-file.ts';
import { isOldRecord } from './old-record.ts';
import { replay } from './replay.ts';
import { Store } from './store.ts';

export interface StoreOptions {
  /** The checkpoint of the empty tree of a new log. */
  readonly firstCheckpoint: (signer: SigningKey) => string;
  /**
   * Starts a replay. The function that it returns is given each batch, and may refuse one with a
   * MalformedError.
   */
  readonly startReplay: () => (batch: Batch) => void;
  /** Is told what the owner of the log should know. */
  readonly warn: (text: string) => void;
  /** How files that change while the log is served are opened. */
  readonly openFile?: OpenFile;
}

/**
 * Opens the directory of a log, or makes a new one with a new P-256 key, and replays its batches in order. It
 * removes the remains of a batch that a crash cut off, and brings a directory of version 0.4.0 to the present
 * format. All that was replayed is durable when the promise is fulfilled. If the file of records is undamaged
 * but lacks acknowledged entries, the store can only be read.
 * @throws InputError when another process uses it, when it cannot be locked, or when it is damaged
 */
export async function openStore(directory: string, options: StoreOptions): Promise<Store> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const home = await realpath(directory);
    const lock = await lockFile(join(home, 'server.lock'));
    try {
      return await openLocked(home, lock, options);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof SigstoreError) throw error;
    if (error instanceof LockHeldError)
      throw new InputError(`the log in ${directory} is in use by ${error.holder}`, 'stop that process first');
    if (error instanceof LockUnavailableError)
      throw new InputError(
        `the log in ${directory} cannot be locked against a second server: ${error.message}`,
        'install flock (of util-linux or busybox), and keep the log on a file system that has locks',
      );
    throw new InputError(`cannot open the log in ${directory}: ${messageOf(error)}`);
  }
}

async function openLocked(home: string, lock: KernelLock, options: StoreOptions): Promise<Store> {
  const { openFile, warn } = options;
  const path = join(home, 'entries.jsonl');
  const { file: acknowledged, last } = await AcknowledgedFile.open(join(home, 'acknowledged'), openFile);
  try {
    const found = await whatIsThere(path, last);
    const signer = await openKey(home, found !== 'nothing');
    if (found === 'nothing') await writeNewFile(path, options.firstCheckpoint(signer), signer);
    if (found === 'old file') await upgrade(home, path, signer, options);
    const publicKeyPath = join(home, 'public-key.pem');
    await keepPublicKey(publicKeyPath, signer).catch((error: unknown) => {
      warn(`cannot write ${publicKeyPath}: ${messageOf(error)}`);
    });
    if (found === 'file' && last === undefined)
      warn(`${home} has no file "acknowledged": whether entries are missing at the end cannot be told`);
    const file = await EntriesFile.open(path, openFile);
    try {
      const { loss, ...replayed } = await replay(file, last, signer, options.startReplay());
      const { end, chain } = replayed;
      if (loss !== undefined) warn(lossForOwner(path, loss));
      // A process that crashed may have left data only in the cache of the system. It must be durable before
      // clients see it.
      await file.settle(end);
      await syncDirectory(home);
      // With a loss, the note of what was acknowledged stays until the entries are there again.
      if (loss === undefined && last?.chain !== chain)
        await acknowledged.write({ bytes: end, chain }).catch((error: unknown) => {
          warn(`cannot note what was acknowledged: ${messageOf(error)}`);
        });
      return new Store({ signer, publicKeyPath, file, acknowledged, lock, ...replayed, loss, warn });
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await acknowledged.close();
    throw error;
  }
}

/** A crash during the very first start of version 0.4.0 left an empty file, or less than a line. */
async function whatIsThere(
  path: string,
  last: Acknowledged | undefined,
): Promise<'nothing' | 'old file' | 'file'> {
  let start: Uint8Array = new Uint8Array();
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
      start = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    if (last !== undefined) throw new InputError(`${path} is missing`, 'restore it from a backup');
  }
  const newline = start.indexOf(0x0a);
  const isOld = isOldRecord(newline < 0 ? start : start.subarray(0, newline));
  if (last !== undefined) {
    if (isOld) throw olderThanItsDirectory(path);
    return 'file';
  }
  if (start.length === 0) return 'nothing';
  if (!isOld) return 'file';
  return newline < 0 && start.length < FIRST_LINE ? 'nothing' : 'old file';
}

/**
 * The error for an old file in an upgraded directory: it lacks the entries and promises since the upgrade.
 */
function olderThanItsDirectory(path: string): InputError {
  return new InputError(
    `${path} has the format of version 0.4.0, and the log in its directory was upgraded since: this copy lacks what came then`,
    'put back the newest copy of the whole directory, not of this file alone',
  );
}

/** More bytes than the first record of any version has. */
const FIRST_LINE = 4096;

async function upgrade(home: string, path: string, signer: SigningKey, options: StoreOptions): Promise<void> {
  const old = await EntriesFile.open(path);
  try {
    const count = await upgradeFile(old, signer, options.startReplay());
    await syncDirectory(home);
    options.warn(
      `${path} had the format of version 0.4.0 and was rewritten: ${count} entries keep the times that it had; ` +
        'whether these are the times that were promised cannot be told',
    );
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`${path} is damaged: ${error.message}`, 'restore it from a backup');
  } finally {
    await old.close();
  }
}

/** Makes the names of new files durable. Windows has no such call, and does it by itself. */
async function syncDirectory(path: string): Promise<void> {
  if (platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
