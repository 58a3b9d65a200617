import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { lockDirectory } from '../files/lock.ts';
import { replaceFile } from '../files/replace-file.ts';
import { mergePackets } from '../openpgp/merged-packets.ts';
import { fileNameOf, namesOfKeys, ownerOf, readFiles } from './added-keys.ts';
import { naming, type KeyringSource } from './source.ts';

/**
 * The folder in which `keys add` keeps the keys of publishers. Several processes may write to it at the same time, and
 * nothing that one of them wrote is lost, above all no revocation: no file is ever changed, and a file is removed only
 * by a process that wrote what is in it to another one before. That does not depend on the lock, which only keeps
 * processes from doing the same work again and again.
 */
export class KeyStore {
  constructor(private readonly folder: string) {}

  /** The files of the keys with these fingerprints. @throws InputError if one cannot be read */
  async sourcesOf(fingerprints: readonly string[]): Promise<KeyringSource[]> {
    const found = await Promise.all(
      fingerprints.map(async (each) => await this.#read(await this.#names(each))),
    );
    return found.flat();
  }

  /**
   * Keeps the packets of a certificate, with all that is kept of it already, and returns the path of its file.
   * @throws InputError if they cannot be written
   */
  async put(fingerprint: string, packets: Uint8Array): Promise<string> {
    const path = join(this.folder, fileNameOf(fingerprint));
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const apart = this.#nameApart(fingerprint);
      await replaceFile(apart, packets);
      // It counts from now on, whatever happens to the rest: what is left to do, the next `put` does.
      const isGathered = await this.#gatherLocked(fingerprint, path).catch(() => false);
      return isGathered ? path : apart;
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`cannot keep the key in ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
    }
  }

  /** Removes a key, even a damaged one; says whether there was one. @throws InputError */
  async remove(fingerprint: string): Promise<boolean> {
    const names = await this.#names(fingerprint);
    for (const name of names) {
      const path = join(this.folder, name);
      try {
        await rm(path, { force: true });
      } catch (error) {
        throw new InputError(`cannot remove the key ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
      }
    }
    return names.length > 0;
  }

  /** @throws LockTimeoutError if others keep the lock for long, and the error of the file system */
  async #gatherLocked(fingerprint: string, path: string): Promise<boolean> {
    const lock = await lockDirectory(resolve(this.folder), { patience: PATIENCE });
    try {
      return await this.#gather(fingerprint, path);
    } finally {
      await lock.release();
    }
  }

  /**
   * Makes one file of all files of a key. Others may bring further copies at the same time; so this is tried until
   * nothing is left beside the one file.
   * @returns whether it came about
   */
  async #gather(fingerprint: string, path: string): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const [name, ...others] = await this.#names(fingerprint);
      if (name === fileNameOf(fingerprint) && others.length === 0) return true;
      // Under its common name a file cannot be removed: it might be a newer one by then.
      await unless('ENOENT', rename(path, this.#nameApart(fingerprint)));
      const apart = (await this.#names(fingerprint)).filter((each) => each !== fileNameOf(fingerprint));
      const sources = await this.#read(apart);
      if (sources.length === 0) continue;
      const merged = this.#nameApart(fingerprint);
      await replaceFile(merged, mergeSources(sources));
      const isPlaced = await place(merged, path);
      for (const source of sources) await rm(source.place, { force: true });
      if (isPlaced === 'impossible') return false;
      if (isPlaced) await rm(merged, { force: true });
    }
    return false;
  }

  async #names(fingerprint: string): Promise<string[]> {
    return ((await namesOfKeys(this.folder)) ?? []).filter((name) => ownerOf(name) === fingerprint);
  }

  /** Those that are still there. */
  async #read(names: readonly string[]): Promise<KeyringSource[]> {
    return (await readFiles(this.folder, names)).filter((source) => source !== undefined);
  }

  /** A path that nobody used before, nor will use again. */
  #nameApart(fingerprint: string): string {
    return join(this.folder, fileNameOf(fingerprint).replace(/gpg$/, `${randomUUID()}.gpg`));
  }
}

const NEEDS_DIRECTORY = 'make the directory writable, or set HELM_CONFIG_HOME to another one';

/** Milliseconds to wait for others who do the same. */
const PATIENCE = 5000;

/** Whoever brings a copy meanwhile gathers the files once more. */
const TRIES = 5;

function mergeSources(sources: readonly KeyringSource[]): Uint8Array {
  const places = sources.map(({ place }) => place).join(', ');
  return naming(places, () => mergePackets(sources.map(({ bytes }) => bytes)));
}

/** Gives a file its common name, if no other file has it. Some file systems cannot do that. */
async function place(file: string, path: string): Promise<boolean | 'impossible'> {
  try {
    return await unless('EEXIST', link(file, path));
  } catch (error) {
    if (hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) return 'impossible';
    throw error;
  }
}

/** Whether the operation succeeded; false if it failed with this code. */
async function unless(code: string, operation: Promise<void>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (hasCode(error, code)) return false;
    throw error;
  }
}
