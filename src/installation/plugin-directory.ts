import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, InputError } from '../errors.ts';

/** How Helm installed a plugin. */
export type Installed =
  | { readonly from: 'directory'; readonly target: string }
  | { readonly from: 'git' }
  | { readonly from: 'archive' };

/**
 * How the plugin in this directory was installed: Helm makes a link to a directory, a clone of a git repository, and a
 * copy of an archive.
 * @throws InputError if there is no such directory
 */
export async function howInstalled(directory: string): Promise<Installed> {
  try {
    if ((await lstat(directory)).isSymbolicLink())
      return { from: 'directory', target: await readlink(directory) };
  } catch (error) {
    throw new InputError(`cannot look at the plugin: ${messageOf(error)}`);
  }
  const isClone = await lstat(join(directory, '.git')).then(
    () => true,
    () => false,
  );
  return { from: isClone ? 'git' : 'archive' };
}
