import { InputError, MalformedError } from '../errors.ts';
import type { EntriesFile, Line } from './entries-file.ts';
import { FORMAT_VERSION, NO_CHAIN, parseRecord, type Chain, type Seal, type StoredEntry } from './record.ts';

/** Entries that became durable together, and the checkpoint (a signed note) of the tree that ends with them. */
export interface Batch {
  readonly entries: readonly StoredEntry[];
  readonly checkpoint: string;
}

/** The places of records in a file. Plain numbers take a fifth of the memory of an object for each place. */
export class Places {
  private readonly numbers: number[] = [];

  /** @param length in bytes, without the newline, as is `offset` */
  add(offset: number, length: number): void {
    this.numbers.push(offset, length);
  }

  /** Offset and length of the record that was added as the one with this number, from 0. */
  at(index: number): readonly [offset: number, length: number] | undefined {
    const [offset, length] = [this.numbers[2 * index], this.numbers[2 * index + 1]];
    return offset === undefined || length === undefined ? undefined : [offset, length];
  }

  get count(): number {
    return this.numbers.length / 2;
  }

  /** Forgets all but the first. */
  truncate(count: number): void {
    this.numbers.length = 2 * count;
  }
}

/** A batch as it stands in the file. */
export interface ReadBatch {
  readonly batch: Batch;
  readonly seal: Seal;
  /** The chain before the seal, which the seal signs. */
  readonly sealed: Chain;
  /** The chain of the batch's last record. */
  readonly chain: Chain;
  /** The end of the batch in the file, in bytes. */
  readonly end: number;
}

/**
 * The batches of a file of the present version, in order. They end before the remains of a crash: lines
 * without a seal, and damaged lines behind the bytes that were acknowledged.
 * @param places is filled with the places of the entries, and perhaps of some in the remains of a crash
 * @param acknowledged undefined when that is not known
 * @param accept is shown each batch before it counts, and refuses one with a MalformedError
 * @throws InputError that names the place of the damage, or a version that this program does not know
 */
export async function* readBatches(
  file: EntriesFile,
  places: Places,
  acknowledged: number | undefined,
  accept: (batch: Batch) => void,
): AsyncGenerator<ReadBatch> {
  let chain = NO_CHAIN;
  let entries: StoredEntry[] = [];
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
        accept(batch);
        const end = offset + bytes.length + 1;
        yield { batch, seal: record.seal, sealed, chain, end };
        entries = [];
      } else requireVersion(record.version, file.path);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      if (acknowledged !== undefined && offset >= acknowledged) return;
      throw damaged(file.path, placeOfLine(line), error.message);
    }
  }
}

/** The error for a damaged file, with the place of the damage. */
export function damaged(path: string, place: string, why: string): InputError {
  return new InputError(`${path} is damaged: ${place}: ${why}`, 'restore it from a backup');
}

/** The place of a line, for people. */
export function placeOfLine({ number, offset }: Line): string {
  return `line ${number} (from byte ${offset})`;
}

function requireVersion(version: number, path: string): void {
  if (version !== FORMAT_VERSION)
    throw new InputError(
      `${path} has the format ${version}, this version of helm sigstore reads up to ${FORMAT_VERSION}`,
      'serve it with the version that wrote it, or a later one',
    );
}
