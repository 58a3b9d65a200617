import { join } from 'node:path';
import { makeOwnDirectory } from '../files/own-directory.ts';
import type { Context } from './context.ts';
import { stateDirectory } from './directories.ts';

/** Where Node keeps what it compiled of this program; undefined without a home. */
export function compiledCodeDirectory(context: Context): string | undefined {
  const state = stateDirectory(context);
  return state === undefined ? undefined : join(state, 'compiled');
}

/**
 * Lets Node keep compiled code for later runs. It is run as it is found, so only where nobody but the user could have
 * written it: not in CI, nor where the user has put the state, as such a directory may be carried from one machine to
 * another. Else everything is compiled, as ever.
 * @param uid of the user; undefined on systems that have none
 * @param enable that of Node 22 and later, takes a directory
 */
export function keepCompiledCode(
  context: Context,
  uid: number | undefined,
  enable: ((directory: string) => unknown) | undefined,
): void {
  const { env } = context;
  const directory = compiledCodeDirectory(context);
  if (!enable || uid === undefined || !directory || env['CI'] || env['HELM_SIGSTORE_HOME']) return;
  if (makeOwnDirectory(directory, uid)) enable(directory);
}
