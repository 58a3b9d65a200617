import { InputError, MalformedError } from '../errors.ts';
import { replaceFile, type WriteFile } from '../files/replace-file.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../tlog/checkpoint.ts';
import { damaged, placeOfLine, type Batch } from './batches.ts';
import type { EntriesFile } from './entries-file.ts';
import type { SigningKey } from './key-file.ts';
import { parseOldRecord, type OldRecord } from './old-record.ts';
import { withPromise } from './promise.ts';
import { RecordWriter } from './record-writer.ts';
import { FORMAT_VERSION, NO_CHAIN, type StoredEntry } from './record.ts';

/** Makes the file of an empty log with this checkpoint, in one step. @throws the error of the file system */
export async function writeNewFile(path: string, checkpoint: string, signer: SigningKey): Promise<void> {
  await replaceByRecords(path, signer, 0, (writer) => {
    writer.seal(checkpoint);
    return Promise.resolve();
  });
}

/**
 * Replaces a file of version 1 by one of the present version, in one step: a crash leaves either the old or
 * the new one.
 * The promises are signed anew, for the times in the file: version 1 did not keep them.
 * @param accept is shown each batch, and refuses one with a MalformedError
 * @returns the number of entries
 * @throws InputError when the old file is damaged or was signed with another key, and the error of the file system
 */
export async function upgradeFile(
  old: EntriesFile,
  signer: SigningKey,
  accept: (batch: Batch) => void,
): Promise<number> {
  const [last, count] = await lastSeal(old);
  if (!verifyCheckpointSignature(parseCheckpoint(last), signer.key))
    throw new InputError(`${old.path} was signed with another key than its key.pem`);
  await replaceByRecords(old.path, signer, count, async (writer, flush) => {
    let entries: StoredEntry[] = [];
    let index = 0;
    await readOld(old, async (record) => {
      if ('entry' in record) {
        entries.push(withPromise(record.entry, index++, signer));
        return;
      }
      accept({ entries, checkpoint: record.checkpoint });
      for (const entry of entries) writer.add({ entry });
      writer.seal(record.checkpoint);
      entries = [];
      await flush();
    });
  });
  return count;
}

/** The last checkpoint of a file of version 1, and how many entries are before it. */
async function lastSeal(old: EntriesFile): Promise<[checkpoint: string, count: number]> {
  let [checkpoint, count, entries] = ['', 0, 0];
  await readOld(old, (record) => {
    if ('entry' in record) entries++;
    else [checkpoint, count] = [record.checkpoint, entries];
  });
  return [checkpoint, count];
}

/**
 * Passes the records on in order.
 * @param take may refuse one with a MalformedError
 * @throws InputError on damage
 */
async function readOld(old: EntriesFile, take: (record: OldRecord) => void | Promise<void>): Promise<void> {
  for await (const line of old.lines())
    try {
      await take(parseOldRecord(line.bytes));
    } catch (error) {
      // This is damage: a crash only cuts a line off. Leaving the record out might fork the tree.
      throw error instanceof MalformedError ? damaged(old.path, placeOfLine(line), error.message) : error;
    }
}

type Write = (writer: RecordWriter, flush: () => Promise<void>) => Promise<void>;

async function replaceByRecords(
  path: string,
  signer: SigningKey,
  upgradedEntries: number,
  write: Write,
): Promise<void> {
  const records: WriteFile = async (file) => {
    const writer = new RecordWriter(NO_CHAIN, signer);
    const flush = async () => {
      await file.appendFile(writer.take());
    };
    writer.add({ version: FORMAT_VERSION, upgradedEntries });
    await write(writer, flush);
    await flush();
  };
  // A file of this name comes from a crash, because the directory is locked.
  await replaceFile(path, records, { temporary: `${path}.new` });
}
