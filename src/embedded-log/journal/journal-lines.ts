import { MalformedError } from '../../errors.ts';
import { EntriesFile, forReading } from './entries-file.ts';
import type { JournalHeader } from './journal-header.ts';
import {
  chainAtEnd,
  NO_CHAIN,
  parseRecord,
  readRecord,
  requireChain,
  type Chain,
  type StoredEntry,
} from './record.ts';

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

/**
 * What the first line of a journal says, before anything else of it is read.
 * @throws MalformedError when it is no header of this version; the error of the file system
 */
export async function readFirstRecord(path: string): Promise<JournalHeader> {
  const journal = await EntriesFile.open(path, forReading);
  try {
    const start = journal.readNow(0, MOST_OF_HEADER);
    const { record } = parseRecord(start.subarray(0, Math.max(0, start.indexOf(0x0a))), NO_CHAIN);
    if ('version' in record && record.header !== undefined) return record.header;
    throw new MalformedError('expected the header of a journal of this version');
  } finally {
    await journal.close();
  }
}

/** More bytes than a header has: each level of the tree takes at most 11 KB of it. */
const MOST_OF_HEADER = 1 << 18;

function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    yield bytes.subarray(start, end < 0 ? bytes.length : end);
    start = end < 0 ? bytes.length : end + 1;
  }
}
