import { mkdir, mkdtemp, open, readdir, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { excerpt } from '../../encoding.ts';
import { InputError, MalformedError } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import { openRegular } from '../../files/regular-file.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { BackedUpLog } from './back-up.ts';
import { FIRST_MEMBERS, membersOfTile, type ExpectedMember } from './backup-members.ts';
import { requireRestoredLog } from './check-restored.ts';
import { orInputError } from './file-errors.ts';
import { JOURNAL } from '../journal/journal.ts';
import { readFirstRecord } from '../journal/journal-lines.ts';
import { syncDirectory } from '../tiles/tile-files.ts';
import { TarReader } from './tar-reader.ts';
import type { TarMember } from './ustar.ts';

/** A log that was restored. */
export interface RestoredLog extends BackedUpLog {
  readonly directory: string;
  /** Whether the backup had the private key. */
  readonly hasKey: boolean;
}

/**
 * Makes the directory of a log from a backup. It is there when all of it was compared with what the log signed, durably and in
 * one step. Nothing is added to it before `resumeLog`.
 * @param directory one that is empty or not there
 * @throws InputError when it is in use, or the archive is not as a backup is; RejectedError when what is in it is not what the
 * log signed
 */
export async function restoreLog(archive: string, directory: string): Promise<RestoredLog> {
  const home = resolve(directory);
  await requireEmpty(home, directory);
  return await orInputError(`cannot restore ${archive} to ${directory}`, async () => {
    await mkdir(dirname(home), { recursive: true, mode: 0o700 });
    const temporary = await mkdtemp(`${home}.restoring-`);
    try {
      const hasKey = await unpack(archive, temporary);
      const log = await requireRestoredLog(temporary, archive);
      await nameDirectory(temporary, home, directory);
      return { ...log, directory: home, hasKey };
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

async function requireEmpty(home: string, directory: string): Promise<void> {
  const found = await readdir(home).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw new InputError(`expected ${directory} to be a directory, or not to be there`);
  });
  if (found.length > 0)
    throw new InputError(
      `${directory} is not empty: a log is restored to a directory of its own`,
      'name one that is empty or not there; what is in this one stays as it is',
    );
}

/** @returns whether it had the private key. @throws InputError */
async function unpack(archive: string, home: string): Promise<boolean> {
  const opened = await orInputError(`cannot read ${archive}`, () => openRegular(archive));
  try {
    const unpacking = new Unpacking(new TarReader(opened), home);
    await unpacking.takeAll(FIRST_MEMBERS);
    const hasKey = unpacking.count === FIRST_MEMBERS.length;
    const { first } = await readFirstRecord(join(home, JOURNAL));
    for (let tile = 0; tile < first / TILE_WIDTH; tile++) await unpacking.takeAll(membersOfTile(tile));
    await unpacking.end();
    return hasKey;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(
      `${archive} is no backup of a log, or is damaged: ${error.message}`,
      'name a file that "helm sigstore log backup" made',
    );
  } finally {
    await opened.file.close();
  }
}

/** Writes the members of an archive to files, each of which has to be the one that comes next in a backup. */
class Unpacking {
  /** How many there were. */
  count = 0;
  private readonly directories = new Set<string>();

  constructor(
    private readonly archive: TarReader,
    private readonly home: string,
  ) {}

  /** @throws MalformedError on any other member */
  async takeAll(expected: readonly ExpectedMember[]): Promise<void> {
    for (const each of expected) {
      const member = await this.archive.peek();
      if (member !== undefined && each.names.includes(member.name)) await this.take(member, each);
      else if (!each.isOptional)
        throw new MalformedError(
          `expected ${each.names[0] ?? ''}, found ${member === undefined ? 'its end' : excerpt(member.name)}`,
        );
    }
  }

  /** Makes all of it durable. @throws MalformedError when there is more in the archive */
  async end(): Promise<void> {
    const member = await this.archive.peek();
    if (member !== undefined) throw new MalformedError(`expected its end, found ${excerpt(member.name)}`);
    for (const directory of this.directories) await syncDirectory(directory);
    await syncDirectory(this.home);
  }

  private async take(member: TarMember, { limit, isPublic }: ExpectedMember): Promise<void> {
    const { name, size, mode } = member;
    const wanted = isPublic ? 0o644 : 0o600;
    if (size > limit) throw new MalformedError(`expected at most ${limit} bytes in ${name}, found ${size}`);
    if (mode !== wanted) throw new MalformedError(`expected ${name} to have the mode of a backup`);
    const path = join(this.home, name);
    await this.makeDirectories(dirname(path));
    const file = await open(path, 'wx', mode);
    try {
      await this.copy(member, file);
    } finally {
      await file.close();
    }
    this.count++;
  }

  private async copy(member: TarMember, file: FileHandle): Promise<void> {
    for await (const piece of this.archive.contentOf(member)) await file.appendFile(piece);
    await file.datasync();
  }

  private async makeDirectories(path: string): Promise<void> {
    if (path === this.home || this.directories.has(path)) return;
    await this.makeDirectories(dirname(path));
    await mkdir(path, { mode: 0o700 });
    this.directories.add(path);
  }
}

/** Gives the directory its name, durably. @throws InputError when somebody else took it meanwhile */
async function nameDirectory(temporary: string, home: string, directory: string): Promise<void> {
  try {
    // Only Windows does not let an empty directory be replaced; it is made again by the next call.
    await rename(temporary, home).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'EACCES', 'EEXIST')) throw error;
      await rmdir(home);
      await rename(temporary, home);
    });
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY')) await requireEmpty(home, directory);
    if (hasCode(error, 'EBUSY', 'EXDEV'))
      throw new InputError(
        `${directory} is a file system of its own, which cannot be put in place in one step`,
        `name a directory in it: --dir ${join(directory, 'log')}`,
      );
    throw error;
  }
  await syncDirectory(dirname(home));
}
