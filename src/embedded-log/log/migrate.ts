import { encodeHex } from '../../encoding.ts';
import { InputError, MalformedError } from '../../errors.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../tlog/checkpoint.ts';
import { leafHash } from '../../tlog/merkle.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { Acknowledged } from '../journal/acknowledged.ts';
import { ONE_FILE_VERSION, type Batch, type Reading } from '../journal/batches.ts';
import { damaged, placeOfLine } from '../damage.ts';
import { EntriesFile } from '../journal/entries-file.ts';
import { filesOfFullTile } from '../tiles/full-tiles.ts';
import { writeJournal } from '../journal/new-journal.ts';
import type { SigningKey } from '../key-file.ts';
import { lossForOwner } from '../journal/loss.ts';
import { parseOldRecord, type OldRecord } from '../journal/old-record.ts';
import { withPromise } from './promise.ts';
import type { StoredEntry } from '../journal/record.ts';
import { replay } from '../journal/replay.ts';
import { StoredIndex } from '../index/stored-index.ts';
import type { TileFiles } from '../tiles/tile-files.ts';
import { MerkleTree } from '../tree.ts';

/**
 * Brings a directory of an older version to the present one. Tiles are written first, and do not count; then the new journal
 * takes the place of the old file, in one step. So a crash leaves the old directory, or the new one.
 * @returns the number of entries
 * @throws InputError when the old file is damaged, lacks entries, or was signed with another key, and the error of the
 * file system
 */
export async function migrate(
  path: string,
  version: 1 | 2,
  last: Acknowledged | undefined,
  signer: SigningKey,
  files: TileFiles,
): Promise<number> {
  const old = await EntriesFile.open(path);
  const moved = new MovedLog(files, signer);
  try {
    if (version === 1) {
      // Before anything is signed with the key.
      await requireSigned(old, signer);
      await readOld(old, moved, signer);
    } else {
      const start: Reading['start'] = ({ upgradedEntries = 0 }) => (moved.upgradedEntries = upgradedEntries);
      const accept = (batch: Batch) => moved.take(batch);
      const { loss } = await replay(old, last, signer, { start, accept }, ONE_FILE_VERSION);
      if (loss !== undefined) throw new InputError(lossForOwner(path, loss));
    }
  } finally {
    await old.close();
  }
  if (version === 1) moved.upgradedEntries = moved.tree.size;
  await moved.finish(path);
  return moved.tree.size;
}

/** A log that is written as tiles, batch by batch, and a journal. */
class MovedLog {
  readonly tree = new MerkleTree();
  /** How many come from version 0.4.0. */
  upgradedEntries = 0;
  private readonly leaves = new Set<string>();
  private entries: StoredEntry[] = [];
  private checkpoint = '';
  private first = 0;
  /** The latest time in full tiles. */
  private newestTime = 0;

  constructor(
    private readonly files: TileFiles,
    private readonly signer: SigningKey,
  ) {}

  /** @throws MalformedError when the checkpoint is not that of the entries */
  async take({ entries, checkpoint }: Batch): Promise<void> {
    for (const { body } of entries) {
      const leaf = leafHash(body);
      this.tree.append(leaf);
      this.leaves.add(encodeHex(leaf));
    }
    const { origin, size, rootHash } = parseCheckpoint(checkpoint);
    if (size !== this.tree.size || encodeHex(rootHash) !== encodeHex(this.tree.root(size)))
      throw new MalformedError(
        `the entries before the checkpoint of size ${size} are not those it was made for`,
      );
    if (this.leaves.size !== size) throw new MalformedError('an entry that is in the log twice');
    if (this.checkpoint !== '' && origin !== parseCheckpoint(this.checkpoint).origin)
      throw new MalformedError('a checkpoint of another tree');
    this.checkpoint = checkpoint;
    this.entries.push(...entries);
    for (; this.entries.length >= TILE_WIDTH; this.first += TILE_WIDTH) {
      const tile = this.entries.slice(0, TILE_WIDTH);
      const log = { tree: this.tree, origin, signer: this.signer };
      await this.files.write(filesOfFullTile(this.first / TILE_WIDTH, tile, log));
      this.newestTime = Math.max(this.newestTime, ...tile.map(({ integratedTime }) => integratedTime));
      this.entries = this.entries.slice(TILE_WIDTH);
    }
  }

  async finish(path: string): Promise<void> {
    const { entries, checkpoint, newestTime, upgradedEntries, tree, first } = this;
    // One that is empty is no damage, and is filled at the start.
    await StoredIndex.make(this.files, parseCheckpoint(checkpoint).origin, this.signer);
    const journal = { entries, checkpoint, newestTime, upgradedEntries, ...tree.edgeAt(first) };
    await writeJournal(path, journal, this.signer);
  }
}

/** @throws InputError unless the key signed the last checkpoint of a file of version 1 */
async function requireSigned(old: EntriesFile, { key }: SigningKey): Promise<void> {
  let last = '';
  await eachOld(old, (record) => {
    if ('checkpoint' in record) last = record.checkpoint;
  });
  if (!verifyCheckpointSignature(parseCheckpoint(last), key))
    throw new InputError(`${old.path} was signed with another key than its key.pem`);
}

/** Version 1 did not keep its promises: they are signed anew, for the times in the file. */
async function readOld(old: EntriesFile, moved: MovedLog, signer: SigningKey): Promise<void> {
  let entries: StoredEntry[] = [];
  let index = 0;
  await eachOld(old, async (record) => {
    if ('entry' in record) entries.push(withPromise(record.entry, index++, signer));
    else {
      await moved.take({ entries, checkpoint: record.checkpoint });
      entries = [];
    }
  });
}

/**
 * Passes the records on in order.
 * @param take may refuse one with a MalformedError
 * @throws InputError on damage
 */
async function eachOld(old: EntriesFile, take: (record: OldRecord) => void | Promise<void>): Promise<void> {
  for await (const line of old.lines())
    try {
      await take(parseOldRecord(line.bytes));
    } catch (error) {
      // This is damage: a crash only cuts a line off. Leaving the record out might fork the tree.
      throw error instanceof MalformedError ? damaged(old.path, placeOfLine(line), error.message) : error;
    }
}
