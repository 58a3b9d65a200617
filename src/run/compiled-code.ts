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
 * Lets Node keep compiled code for later runs. Node runs it unchecked, so it is kept only where nobody but
 * the user can write. It is not kept in CI, nor below `HELM_SIGSTORE_HOME`, because such directories may be
 * copied between machines. Without it, Node compiles everything at each start.
 * @param uid of the user; undefined on systems that have none
 * @param enable Node's `enableCompileCache` (22 and later), which takes a directory
 */
export function keepCompiledCode(
  context: Context,
  uid: number | undefined,
  enable: ((directory: string) => unknown) | undefined,
): void {
  const { env } = context;
  if (!enable || uid === undefined || env['CI'] || env['HELM_SIGSTORE_HOME']) return;
  const directory = compiledCodeDirectory(context);
  if (directory !== undefined && makeOwnDirectory(directory, uid)) enable(directory);
}
