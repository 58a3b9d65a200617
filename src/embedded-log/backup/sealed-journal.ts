import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { verifySignature, type LogKey } from '../../tlog/log-key.ts';
import { ACKNOWLEDGED, AcknowledgedFile, type Acknowledged } from '../journal/acknowledged.ts';
import { readBatches, type Batch, type ReadBatch } from '../journal/batches.ts';
import { LogContents } from '../log/contents.ts';
import { damaged } from '../damage.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import { JOURNAL } from '../journal/journal.ts';
import { Places } from '../journal/places.ts';
import { sealedBytes } from '../journal/record.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** A journal up to a seal that is durable, whoever writes to it meanwhile. */
export interface SealedJournal {
  readonly file: EntriesFile;
  readonly header: JournalHeader;
  readonly contents: LogContents;
  /** What a file `acknowledged` notes of this seal. */
  readonly acknowledged: Acknowledged;
  /** Where the seal ends, in bytes. */
  readonly end: number;
  /** Whether the log once had more than its journal has now. */
  readonly isCut: boolean;
}

/**
 * Opens the journal of a directory which another process may serve, and reads it up to the last seal that clients were told of.
 * The file stays what it is when the server puts another in its place; it only grows behind what was read. The caller closes it.
 * @throws InputError when there is no log of this version, or the journal is damaged, or another key signed it
 */
export async function openSealedJournal(files: TileFiles, key: LogKey): Promise<SealedJournal> {
  for (let tries = TRIES; ; tries--) {
    const file = await EntriesFile.open(join(files.home, JOURNAL), forReading);
    try {
      // It is read after the journal was opened: a log notes what it told before it begins the next batch.
      const { file: noted, last } = await AcknowledgedFile.open(join(files.home, ACKNOWLEDGED), forReading);
      await noted.close();
      const journal = { file, ...(await readSealed(file, files, key, last)) };
      // Or the server replaced it, and went on.
      if (!journal.isCut || tries === 1) return journal;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
  }
}

const TRIES = 3;

async function readSealed(
  file: EntriesFile,
  files: TileFiles,
  key: LogKey,
  last: Acknowledged | undefined,
): Promise<Omit<SealedJournal, 'file'>> {
  const most = last?.unit === 'size' ? last.count : Infinity;
  let header: JournalHeader | undefined;
  let contents: LogContents | undefined;
  const reached = { isBehind: false };
  let newest: ReadBatch | undefined;
  const start = (record: { readonly header?: JournalHeader }) => {
    ({ header } = record);
    if (header !== undefined) contents = new LogContents(header, files);
  };
  const accept = (batch: Batch) => {
    // Of what is behind, nobody knows whether it is durable; but where the note is older than all, it is what there is.
    reached.isBehind = newest !== undefined && newest.size + batch.entries.length > most;
    if (!reached.isBehind) contents?.replay(batch);
  };
  const mayBeTold = (size: number) => newest === undefined || size < most;
  for await (const batch of readBatches({ file, places: new Places(), start, accept, mayBeTold })) {
    if (reached.isBehind) break;
    newest = batch;
  }
  if (header === undefined || contents === undefined || newest === undefined)
    throw damaged(file.path, 'line 1', 'expected its header and a checkpoint');
  const { seal, sealed, chain, end, size } = newest;
  if (!verifySignature(key, sealedBytes(sealed, seal.checkpoint), seal.signature))
    throw new InputError(`${file.path} was signed with another key than that of the directory`);
  const isCut = last?.unit === 'size' && size < last.count && (await file.size()) === end;
  return { header, contents, acknowledged: { unit: 'size', count: size, chain }, end, isCut };
}
