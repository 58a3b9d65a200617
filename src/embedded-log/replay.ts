import { InputError } from '../errors.ts';
import { verifySignature } from '../tlog/log-key.ts';
import type { Acknowledged } from './acknowledged.ts';
import { Places, readBatches, type Batch, type ReadBatch } from './batches.ts';
import type { EntriesFile } from './entries-file.ts';
import type { SigningKey } from './key-file.ts';
import type { Loss } from './loss.ts';
import { sealedBytes } from './record.ts';

/** The result of reading a file of records. */
export interface Replayed extends Pick<ReadBatch, 'end' | 'chain'> {
  /** The places of the entries. */
  readonly places: Places;
  /** Undefined when all acknowledged entries are there. */
  readonly loss: Loss | undefined;
}

/**
 * Reads the batches of a file in order. A file that is whole and ends too early has a {@link Loss}.
 * @param last what was acknowledged, and so must be there; undefined when that is not known
 * @param accept is shown each batch, and refuses one with a MalformedError
 * @throws InputError when it is damaged, was signed with another key, or differs from what was acknowledged
 */
export async function replay(
  file: EntriesFile,
  last: Acknowledged | undefined,
  { key }: SigningKey,
  accept: (batch: Batch) => void,
): Promise<Replayed> {
  const places = new Places();
  let count = 0;
  let newest: ReadBatch | undefined;
  let isLastThere = last === undefined;
  for await (const batch of readBatches(file, places, last?.bytes, accept)) {
    count = places.count;
    isLastThere ||= batch.end === last?.bytes && batch.chain === last.chain;
    newest = batch;
  }
  const loss = isLastThere ? undefined : await lossOf(file, newest, last);
  if (newest === undefined || !(isLastThere || loss !== undefined))
    throw new InputError(
      `${file.path} lost what the log had acknowledged: expected the batch that ends at byte ${last?.bytes ?? 1}, ` +
        `found ${newest === undefined ? 'none' : `one that ends at byte ${newest.end}`}`,
      'a copy of single files, or one that was made while the log was written, is no backup: restore the newest one of the whole directory that was made while no server ran',
    );
  const { seal, sealed, end, chain } = newest;
  if (!verifySignature(key, sealedBytes(sealed, seal.checkpoint), seal.signature))
    throw new InputError(`${file.path} was signed with another key than its key.pem`);
  places.truncate(count);
  return { places, end, chain, loss };
}

/**
 * A file that is too short and ends with a complete batch is an earlier state of this file. Else it is
 * damaged.
 */
async function lossOf(
  file: EntriesFile,
  newest: ReadBatch | undefined,
  last: Acknowledged | undefined,
): Promise<Loss | undefined> {
  if (newest === undefined || last === undefined || newest.end >= last.bytes) return undefined;
  return (await file.size()) === newest.end ? { end: newest.end, told: last.bytes } : undefined;
}
