// A cache outside the checkout for binaries that only tests need: one directory for each name and version.
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * A directory of the cache, made by `bring` if `file` is not in it: it fills the scratch directory that it is given,
 * which then takes the name.
 *
 * @param {string} name such as helm-3.18.0
 * @param {string} file that has to be there
 * @param {(scratch: string) => Promise<void>} bring
 * @returns {Promise<string>} its path
 */
export async function cachedDirectory(name, file, bring) {
  const directory = cacheDirectory(name);
  if (await exists(path.join(directory, file))) return directory;

  await mkdir(cacheRoot(), { recursive: true });
  const scratch = await mkdtemp(`${directory}.`);
  try {
    await bring(scratch);
    // A rename, so that of two runs at the same moment neither sees half a directory; the later one finds it there.
    await rename(scratch, directory).catch(async () => {
      if (await exists(path.join(directory, file))) return;
      // Something is in the way that is not what it should be.
      await rm(directory, { recursive: true });
      await rename(scratch, directory);
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return directory;
}

/**
 * Where a directory of the cache is, or would be.
 *
 * @param {string} name such as helm-3.18.0
 */
export function cacheDirectory(name) {
  return path.join(cacheRoot(), name);
}

/** Where all of this cache is. */
export function cacheRoot() {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'helm-sigstore');
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
