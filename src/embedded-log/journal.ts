import { MalformedError } from '../errors.ts';
import { replaceFile, type WriteFile } from '../files/replace-file.ts';
import type { SigningKey } from './key-file.ts';
import type { JournalHeader } from './journal-header.ts';
import { RecordWriter } from './record-writer.ts';
import type { EntriesFile } from './entries-file.ts';
import {
  chainAtEnd,
  FORMAT_VERSION,
  NO_CHAIN,
  readRecord,
  requireChain,
  type Chain,
  type StoredEntry,
} from './record.ts';

/** The file in the directory of a log. */
export const JOURNAL = 'entries.jsonl';

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

/** The chain of the record that ends at this place of a journal, of which it is not checked from what it follows. */
export function chainBefore(journal: EntriesFile, offset: number): Chain {
  const from = Math.max(0, offset - MOST_OF_CHAIN);
  return chainAtEnd(journal.readNow(from, offset - 1 - from));
}

/** More bytes than the end of a line has, with its chain. */
const MOST_OF_CHAIN = 200;

/** The chain of the last of these lines; undefined when they do not follow from the one before and from each other. */
export function chainOfLines(lines: Buffer, before: Chain): Chain | undefined {
  try {
    let chain = before;
    for (const line of linesIn(lines)) chain = requireChain(line, chain);
    return chain;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The entries in lines that are what was written. */
export function* entriesInLines(lines: Buffer): Generator<StoredEntry> {
  for (const line of linesIn(lines)) {
    const record = readRecord(line);
    if ('entry' in record) yield record.entry;
  }
}

function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    yield bytes.subarray(start, end < 0 ? bytes.length : end);
    start = end < 0 ? bytes.length : end + 1;
  }
}
