import { InputError } from '../../errors.ts';
import { verifySignature } from '../../tlog/log-key.ts';
import type { Acknowledged } from './acknowledged.ts';
import { readBatches, type ReadBatch, type Reading } from './batches.ts';
import type { EntriesFile } from './entries-file.ts';
import type { SigningKey } from '../key-file.ts';
import type { Loss } from './loss.ts';
import { Places } from './places.ts';
import { FORMAT_VERSION, sealedBytes } from './record.ts';

/** The result of reading a file of records. */
export interface Replayed extends Pick<ReadBatch, 'sealStart' | 'end' | 'chain' | 'size'> {
  /** The places of the entries. */
  readonly places: Places;
  /** Undefined when all acknowledged entries are there. */
  readonly loss: Loss | undefined;
}

/**
 * Reads the batches of a file in order. A file that is whole and ends too early has a {@link Loss}.
 * @param last what was acknowledged, and so must be there; undefined when that is not known
 * @throws InputError when it is damaged, was signed with another key, or differs from what was acknowledged
 */
export async function replay(
  file: EntriesFile,
  last: Acknowledged | undefined,
  { key }: Pick<SigningKey, 'key'>,
  { start, accept }: Pick<Reading, 'start' | 'accept'>,
  version = FORMAT_VERSION,
): Promise<Replayed> {
  const places = new Places();
  const counted = ({ size, end }: Pick<ReadBatch, 'size' | 'end'>): number =>
    last?.unit === 'bytes' ? end : size;
  let count = 0;
  let newest: ReadBatch | undefined;
  const mayBeTold = (size: number, end: number): boolean =>
    last === undefined || newest === undefined || counted({ size, end }) < last.count;
  let isLastThere = last === undefined;
  const begin: Reading['start'] = (record) => {
    // What is in full tiles needs no batch: of the two slots of what was acknowledged the newer one may be damaged.
    if (record.header !== undefined && last?.unit === 'size')
      isLastThere = record.header.first > 0 && record.header.first >= last.count;
    start(record);
  };
  for await (const batch of readBatches({ file, places, start: begin, accept, mayBeTold })) {
    count = places.count;
    isLastThere ||= counted(batch) === last?.count && batch.chain === last.chain;
    newest = batch;
  }
  // A file that is too short and ends with a complete batch is an earlier state of this file. Else it is damaged.
  const isEarlier =
    newest !== undefined &&
    last !== undefined &&
    counted(newest) < last.count &&
    (await file.size()) === newest.end;
  if (newest === undefined || !(isLastThere || isEarlier))
    throw new InputError(
      `${file.path} lost what the log had acknowledged: expected the batch that ends at ${placeOf(last)}, ` +
        `found ${newest === undefined ? 'none' : `one that ends at byte ${newest.end}, with ${newest.size} entries`}`,
      'a copy of single files, or one that was made while the log was written, is no backup: restore the newest one of the whole directory that was made while no server ran',
    );
  const { seal, sealed, sealStart, end, chain, size } = newest;
  if (!verifySignature(key, sealedBytes(sealed, seal.checkpoint, version), seal.signature))
    throw new InputError(`${file.path} was signed with another key than its key.pem`);
  places.truncate(count);
  const loss = isEarlier ? { found: counted(newest), last } : undefined;
  return { places, sealStart, end, chain, size, loss };
}

function placeOf(last: Acknowledged | undefined): string {
  if (last === undefined) return 'its first checkpoint';
  return last.unit === 'bytes' ? `byte ${last.count}` : `entry ${last.count}`;
}
