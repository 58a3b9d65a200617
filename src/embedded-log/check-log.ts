import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { encodeHex } from '../encoding.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import { AcknowledgedFile } from './acknowledged.ts';
import type { Batch } from './batches.ts';
import { checkCopy } from './check-copy.ts';
import { EntryCheck } from './check-entries.ts';
import { IndexCheck } from './check-index.ts';
import { checkTile } from './check-tiles.ts';
import { LogContents } from './contents.ts';
import { EntriesFile, type OpenFile } from './entries-file.ts';
import { Damages, type Damage } from './damages.ts';
import { findLog } from './found-log.ts';
import type { JournalHeader } from './journal-header.ts';
import { stampOf } from './journal-stamp.ts';
import { Journal, JOURNAL } from './journal.ts';
import { keyOfDirectory } from './key-of-directory.ts';
import { lossForOwner } from './loss.ts';
import { logNameOf, treeIdOf } from './origin.ts';
import { replay } from './replay.ts';
import { ShownTiles } from './shown-tiles.ts';
import { StoredEntries } from './stored-entries.ts';
import { TileFiles } from './tile-files.ts';
import { damagedFile } from './damage.ts';
import { pathsOfBundle } from './entry-bundle.ts';

/** What a look at all files of a log found. */
export interface LogCheck {
  readonly directory: string;
  /** Of the log, as far as it could be read. */
  readonly log?: {
    readonly name: string;
    readonly treeId: string;
    readonly logId: string;
    readonly size: number;
    readonly rootHash: string;
  };
  /** What is wrong; the first of them. */
  readonly findings: readonly Damage[];
  /** How many there are. */
  readonly count: number;
}

/** Opens without writing, whatever is asked for. */
const reading: OpenFile = (path) => open(path, 'r');

/**
 * Looks at all of the directory of a log, without changing anything: entries, promises, times, hashes, index, checkpoints.
 * No server may use it meanwhile.
 * @param onProgress is told of how many entries it has looked at in full tiles, and how many there are
 * @throws InputError when there is no log, or one of an older or later version, or it changed meanwhile
 */
export async function checkLog(
  directory: string,
  onProgress: OnProgress = () => undefined,
): Promise<LogCheck> {
  const home = resolve(directory);
  const path = join(home, JOURNAL);
  const before = await stampOf(path);
  const findings = new Damages(home);
  const files = new TileFiles(home);
  const { last } = await acknowledgedIn(home, findings);
  if ((await findLog(path, undefined)) < 3)
    throw new InputError(
      before === undefined
        ? `expected the log of helm sigstore in ${directory}, found none`
        : `the log in ${directory} has the format of an earlier version`,
      before === undefined
        ? 'name its directory with --dir'
        : '"helm sigstore log serve" brings it to the present one',
    );
  const { key, problems } = await keyOfDirectory(home);
  for (const { file, problem } of problems) findings.add(file, problem);
  const index = new IndexCheck(files, findings);
  const entries = new EntryCheck(key, findings, index);
  let header: JournalHeader | undefined;
  let contents: LogContents | undefined;
  let log: Pick<LogCheck, 'log'> = {};
  const batches: Batch[] = [];
  const file = await EntriesFile.open(path, reading);
  try {
    const replayed = await replay(
      file,
      last?.unit === 'size' ? last : undefined,
      { key },
      {
        start: (record) => {
          ({ header } = record);
          if (header !== undefined) contents = new LogContents(header, files);
        },
        accept: (batch) => {
          contents?.replay(batch);
          batches.push(batch);
        },
      },
    );
    if (replayed.loss !== undefined)
      findings.add(JOURNAL, lossForOwner(path, replayed.loss).slice(path.length + 1));
    if (header !== undefined && contents !== undefined) {
      log = logMembers(contents, key);
      const journal = new Journal({ file, header, ...replayed });
      await checkAll({ files, findings, key, index, entries, journal, contents, batches, onProgress });
    }
  } catch (error) {
    if (!(error instanceof InputError || error instanceof MalformedError)) throw error;
    if (messageOf(error).includes('has the format')) throw error;
    findings.addError(JOURNAL, error);
  } finally {
    index.finish();
    await file.close();
  }
  if ((await stampOf(path)) !== before)
    throw new InputError(
      `the log in ${directory} changed while it was looked at`,
      'stop its server first, or check a copy',
    );
  return {
    directory: home,
    ...log,
    findings: findings.list,
    count: findings.count,
  };
}

interface AllParts {
  readonly files: TileFiles;
  readonly findings: Damages;
  readonly key: LogKey;
  readonly index: IndexCheck;
  readonly entries: EntryCheck;
  readonly journal: Journal;
  readonly contents: LogContents;
  readonly batches: readonly Batch[];
  readonly onProgress: OnProgress;
}

type OnProgress = (looked: number, of: number) => void;

async function checkAll(parts: AllParts): Promise<void> {
  const { files, findings, key, index, entries, journal, contents, batches, onProgress } = parts;
  const { first, newestTime } = journal.header;
  const { origin } = contents.head;
  index.open(origin, key, first);
  const node = (height: number, at: number) => contents.tree.node(height, at);
  for (let tile = 0; tile < first / TILE_WIDTH; tile++) {
    checkTile(tile, { files, findings, entries, key, origin, node });
    onProgress((tile + 1) * TILE_WIDTH, first);
    await setImmediate();
  }
  if ((entries.latest ?? newestTime) !== newestTime)
    findings.add(JOURNAL, 'its header has another time than the newest tile');
  let at = first;
  for (const { entries: batch } of batches)
    for (const entry of batch) entries.look(JOURNAL, at++, entry, leafHash(entry.body));
  const stored = new StoredEntries(files);
  const inTiles = (entry: number) => entry < first;
  const source = {
    read: (entry: number) => (inTiles(entry) ? stored.read(entry) : journal.read(entry)),
    bytesOf: (entry: number) => (inTiles(entry) ? stored.lengthOf(entry) : journal.bytesOf(entry)),
    damaged: (entry: number, why: string) =>
      inTiles(entry)
        ? damagedFile(files.home, pathsOfBundle(Math.floor(entry / TILE_WIDTH)).entries, why)
        : journal.damaged(entry, why),
  };
  checkCopy({ files, findings, key, contents, shown: new ShownTiles(source, contents) });
}

function logMembers({ head }: LogContents, { logId }: LogKey): Pick<LogCheck, 'log'> {
  const { origin, size, rootHash } = head;
  return {
    log: { name: logNameOf(origin), treeId: treeIdOf(origin), logId, size, rootHash: encodeHex(rootHash) },
  };
}

async function acknowledgedIn(
  home: string,
  findings: Damages,
): Promise<Pick<Awaited<ReturnType<typeof AcknowledgedFile.open>>, 'last'>> {
  const { file, last } = await AcknowledgedFile.open(join(home, 'acknowledged'), reading);
  await file.close();
  if (last === undefined)
    findings.add(
      'acknowledged',
      'it is missing or damaged: whether entries are missing at the end cannot be told',
    );
  return { last };
}
