import { join, resolve } from 'node:path';
import { encodeHex, encodeUtf8, excerpt } from '../../encoding.ts';
import { InputError } from '../../errors.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import { ACKNOWLEDGED, acknowledgedBytes } from '../journal/acknowledged.ts';
import { completedTiles } from './backup-members.ts';
import { checkTile } from '../check/check-tiles.ts';
import { damagedFile } from '../damage.ts';
import { Damages } from '../check/damages.ts';
import { pathsOfBundle } from '../tiles/entry-bundle.ts';
import { orInputError } from './file-errors.ts';
import { requireNotFrozen, requireNotRotating } from '../log/finish-rotation.ts';
import { requireLog } from '../log/found-log.ts';
import { FROZEN_DIRECTORY } from '../log/frozen-list.ts';
import { JOURNAL } from '../journal/journal.ts';
import { pemOfKey } from '../key-file.ts';
import { KEY_FILE, keyOfDirectory, PUBLIC_KEY_FILE } from '../check/key-of-directory.ts';
import { makeNewFile } from './new-file.ts';
import { logNameOf, treeIdOf } from '../log/origin.ts';
import { RESTORED, RESTORED_TEXT } from '../restored.ts';
import { openSealedJournal, type SealedJournal } from './sealed-journal.ts';
import { INDEX_DIRECTORY } from '../index/stored-index.ts';
import { TarWriter } from './tar-writer.ts';
import { TileFiles } from '../tiles/tile-files.ts';

/** A log as it is in a backup. */
export interface BackedUpLog {
  readonly name: string;
  /** Decimal. */
  readonly treeId: string;
  /** 64 hexadecimal digits. */
  readonly logId: string;
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly rootHash: string;
}

export interface BackupOptions {
  /** Whether the private key is copied as well. */
  readonly withKey: boolean;
  /** Is told what the owner of the log should know. */
  readonly warn: (text: string) => void;
}

/**
 * Copies a log into one new file, also while a server writes to it: all entries of which clients were told before the call, and
 * perhaps some later ones. What is copied is compared with what the log signed, but for each promise on its own. The same state
 * makes the same bytes.
 * @param to the file, which appears in one step (0600)
 * @throws InputError when there is no log, it was rotated or is a frozen tree, it is damaged, or the file is there already or cannot be written
 */
export async function backUpLog(
  directory: string,
  to: string,
  { withKey, warn }: BackupOptions,
): Promise<BackedUpLog> {
  const home = resolve(directory);
  await requireNotRotating(home, directory);
  // As a copy it would take entries again.
  await requireNotFrozen(home);
  await requireLog(join(home, JOURNAL), directory);
  const files = new TileFiles(home);
  requireKnown(files);
  const { key, problems } = await keyOfDirectory(home);
  const privateKey = withKey ? privateKeyIn(files, problems) : undefined;
  const journal = await openSealedJournal(files, key);
  try {
    if (journal.isCut)
      warn(
        `the log in ${home} lost entries that clients were told of: the backup has those that are left, ${journal.acknowledged.count}`,
      );
    await orInputError(`cannot write ${to}`, () =>
      makeNewFile(to, async (file) => {
        await writeMembers(new TarWriter(file), { files, key, journal, privateKey });
      }),
    );
  } finally {
    await journal.file.close();
  }
  const { origin, size, rootHash } = journal.contents.head;
  const [name, treeId] = [logNameOf(origin), treeIdOf(origin)];
  return { name, treeId, logId: key.logId, size, rootHash: encodeHex(rootHash) };
}

/** The directories of a log. Of these `index` is made again. */
const KNOWN = ['tile', 'promises', 'large', INDEX_DIRECTORY, 'lost+found'];

/** What is not copied would be missed only when it is needed. @throws InputError when the log has more than a backup has */
function requireKnown(files: TileFiles): void {
  const other = files.directories().find((name) => !KNOWN.includes(name));
  if (other === FROZEN_DIRECTORY)
    throw new InputError(
      `the log in ${files.home} was rotated, and a backup has one tree only`,
      'stop the server, and copy the whole directory',
    );
  if (other !== undefined)
    throw new InputError(
      `${files.home} has a directory ${excerpt(other)}, which this version copies into no backup`,
      'if it is not of the log, move it elsewhere; else back it up with the version of the plugin that serves it',
    );
}

interface Copied {
  readonly files: TileFiles;
  readonly key: LogKey;
  readonly journal: SealedJournal;
  readonly privateKey: Buffer | undefined;
}

const OWN = 0o600;
const PUBLIC = 0o644;

/** In the order of `backup-members.ts`. */
async function writeMembers(archive: TarWriter, log: Copied): Promise<void> {
  const { key, journal, privateKey } = log;
  await archive.add(RESTORED, OWN, encodeUtf8(RESTORED_TEXT));
  await archive.add(PUBLIC_KEY_FILE, PUBLIC, encodeUtf8(pemOfKey(key)));
  if (privateKey !== undefined) await archive.add(KEY_FILE, OWN, privateKey);
  await archive.add(ACKNOWLEDGED, OWN, acknowledgedBytes(journal.acknowledged));
  await archive.addAll({ name: JOURNAL, mode: OWN, size: journal.end }, pieces(journal));
  const tiles = journal.header.first / TILE_WIDTH;
  for (let tile = 0; tile < tiles; tile++)
    for (const [name, bytes] of filesOfTile(tile, log)) await archive.add(name, OWN, bytes);
  await archive.end();
}

function* pieces({ file, end }: SealedJournal): Generator<Buffer> {
  for (let at = 0; at < end; at += PIECE) yield file.readNow(at, Math.min(PIECE, end - at));
}

const PIECE = 1 << 20;

/** The files of a full tile of entries. @throws InputError when they are not what the log signed */
function* filesOfTile(tile: number, { files, key, journal }: Copied): Generator<[string, Buffer]> {
  const { tree, head } = journal.contents;
  // What is compared is what is copied.
  const read = new Map<string, Buffer | undefined>();
  const once = (path: string) => {
    if (!read.has(path)) read.set(path, files.read(path));
    return read.get(path);
  };
  const findings = new Damages(files.home);
  const node = (height: number, index: number) => tree.node(height, index);
  const entries = { look: () => undefined, skip: () => undefined };
  checkTile(tile, { files: { read: once }, findings, entries, key, origin: head.origin, node });
  const [finding] = findings.list;
  if (finding !== undefined) throw damagedFile(files.home, finding.file, finding.problem);
  for (const { level, index, path } of completedTiles(tile))
    yield [path, Buffer.from(tree.tile(level, index, TILE_WIDTH))];
  const paths = pathsOfBundle(tile);
  for (const path of [paths.entries, paths.large, paths.promises]) {
    const bytes = read.get(path);
    if (bytes !== undefined) yield [path, bytes];
  }
}

/** @throws InputError unless the directory has the key as it can be used without a passphrase */
function privateKeyIn(
  files: TileFiles,
  problems: readonly { readonly file: string; readonly problem: string }[],
): Buffer {
  const bytes = files.read(KEY_FILE);
  const wrong = problems.find(({ file }) => file === KEY_FILE);
  if (bytes !== undefined && wrong === undefined) return bytes;
  throw new InputError(
    `expected the key of the log in ${join(files.home, KEY_FILE)}, ${wrong === undefined ? 'found no such file' : `and ${wrong.problem}`}`,
    'leave out --with-key, and keep a copy of the key elsewhere',
  );
}
