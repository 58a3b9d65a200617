import { replaceFile, type WriteFile } from '../../files/replace-file.ts';
import type { SigningKey } from '../key-file.ts';
import type { JournalHeader } from './journal-header.ts';
import { RecordWriter } from './record-writer.ts';
import { FORMAT_VERSION, NO_CHAIN, type StoredEntry } from './record.ts';

/** What the journal of a log holds after it was made anew. */
export interface NewJournal extends Omit<JournalHeader, 'before'> {
  readonly entries: readonly StoredEntry[];
  /** Of the tree that ends with them. */
  readonly checkpoint: string;
}

/** Makes a journal in one step, in place of what is there. @throws the error of the file system */
export async function writeJournal(path: string, journal: NewJournal, signer: SigningKey): Promise<void> {
  const { entries, checkpoint, ...header } = journal;
  const write: WriteFile = async (file) => {
    const writer = new RecordWriter(NO_CHAIN, signer);
    writer.add({ version: FORMAT_VERSION, header: { ...header, before: NO_CHAIN } });
    writer.chain = NO_CHAIN;
    for (const entry of entries) writer.add({ entry });
    writer.seal(checkpoint);
    await file.appendFile(writer.take());
  };
  // A file of this name comes from a crash, because the directory is locked.
  await replaceFile(path, write, { temporary: `${path}.new` });
}
