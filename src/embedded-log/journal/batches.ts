import { InputError, MalformedError } from '../../errors.ts';
import { damaged, placeOfLine } from '../damage.ts';
import type { EntriesFile } from './entries-file.ts';
import type { JournalHeader } from './journal-header.ts';
import type { Places } from './places.ts';
import { FORMAT_VERSION, NO_CHAIN, parseRecord, type Chain, type Seal, type StoredEntry } from './record.ts';

/** Entries that became durable together, and the checkpoint (a signed note) of the tree that ends with them. */
export interface Batch {
  readonly entries: readonly StoredEntry[];
  readonly checkpoint: string;
}

/** A batch as it stands in the file. */
export interface ReadBatch {
  readonly batch: Batch;
  readonly seal: Seal;
  /** The chain before the seal, which the seal signs. */
  readonly sealed: Chain;
  /** The chain of the batch's last record. */
  readonly chain: Chain;
  /** Where the seal begins in the file, and where it ends, in bytes. */
  readonly sealStart: number;
  readonly end: number;
  /** The number of entries of the log up to here. */
  readonly size: number;
}

/** A file of records, and what is done with what is in it. */
export interface Reading {
  readonly file: EntriesFile;
  /** Is filled with the places of the entries, and perhaps of some in the remains of a crash. */
  readonly places: Places;
  /** Begins with what the first record says; a file of version 2 has no header. */
  readonly start: (first: { readonly header?: JournalHeader; readonly upgradedEntries?: number }) => void;
  /** Is shown each batch before it counts, and refuses one with a MalformedError. */
  readonly accept: (batch: Batch) => void | Promise<void>;
  /** Whether clients can have been told of what is behind this place; what is not may be the remains of a crash. */
  readonly mayBeTold: (size: number, offset: number) => boolean;
}

/** The version before this one, which had all entries in one file. */
export const ONE_FILE_VERSION = 2;

/**
 * The batches of a file, in order. They end before the remains of a crash: lines without a seal, and damaged lines
 * of which nobody was told.
 * @throws InputError that names the place of the damage, or a version that this program does not know
 */
export async function* readBatches(reading: Reading): AsyncGenerator<ReadBatch> {
  const { file, places } = reading;
  let chain = NO_CHAIN;
  let entries: StoredEntry[] = [];
  let size = 0;
  for await (const line of file.lines()) {
    const { bytes, offset, number } = line;
    try {
      const sealed = chain;
      const { record, chain: next } = parseRecord(bytes, chain);
      chain = next;
      if ('version' in record !== (number === 1))
        throw new MalformedError('expected the version of the file in its first record, and only there');
      if ('entry' in record) {
        entries.push(record.entry);
        places.add(offset, bytes.length);
      } else if ('seal' in record) {
        const batch = { entries, checkpoint: record.seal.checkpoint };
        await reading.accept(batch);
        const end = offset + bytes.length + 1;
        size += entries.length;
        yield { batch, seal: record.seal, sealed, chain, sealStart: offset, end, size };
        entries = [];
      } else {
        requireVersion(record.version, file.path);
        reading.start(record);
        size = record.header?.first ?? 0;
        chain = record.header?.before ?? chain;
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      if (!reading.mayBeTold(size, offset)) return;
      throw damaged(file.path, placeOfLine(line), error.message);
    }
  }
}

/** @throws InputError unless it is this version, or the one before */
function requireVersion(version: number, path: string): void {
  if (version !== FORMAT_VERSION && version !== ONE_FILE_VERSION)
    throw new InputError(
      `${path} has the format ${version}, this version of helm sigstore reads up to ${FORMAT_VERSION}`,
      'serve it with the version that wrote it, or a later one',
    );
}
