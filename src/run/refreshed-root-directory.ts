import { join } from 'node:path';
import { refreshedRootPath } from '../trust/refreshed-root.ts';
import type { Context } from './context.ts';
import { stateDirectory } from './directories.ts';

/** The directory of the refreshed copy of Sigstore's trusted root; undefined where there is no place for state. */
export function refreshedRootDirectory(context: Context): string | undefined {
  const state = stateDirectory(context);
  return state && join(state, 'trust');
}

/** The path of that copy, whether there is one or not. */
export function refreshedCopyPath(context: Context): string | undefined {
  const directory = refreshedRootDirectory(context);
  return directory && refreshedRootPath(directory);
}
