import { dirname, join } from 'node:path';
import type { Repository } from '../chart/fetch/repositories.ts';
import { excerpt } from '../encoding.ts';
import { InputError, messageOf, SigstoreError } from '../errors.ts';
import { runProgram } from '../files/child-program.ts';
import { lockFile, LockHeldError, LockUnavailableError, type KernelLock } from '../files/kernel-lock.ts';
import { replaceFile } from '../files/replace-file.ts';
import { replaceInPlace } from '../files/replace-in-place.ts';
import { isGated } from '../gate-schemes.ts';
import { usersHelm } from '../files/users-helm.ts';
import { readOwnFile } from '../files/user-file.ts';

import { Deadline, limitsOf } from '../http/deadline.ts';
import { REPOSITORIES_LIMIT } from '../chart/fetch/repositories.ts';
import type { RunContext } from '../run/context.ts';
import { cachedIndex, namesInIndex, repositoriesFile } from '../run/directories.ts';
import { HandedDirectories } from '../run/handed-directories.ts';
import { decodeUserText } from '../user-text.ts';
import { withAddress } from './repository-address.ts';

/** What Helm keeps of the index of a repository. */
interface FetchedIndex {
  readonly index: Uint8Array;
  readonly names: Uint8Array;
}

/**
 * Gives a repository of Helm another address, with everything that is kept for it. First Helm itself fetches its index from
 * there, in a place apart. So whenever this ends, the repository is there as it was or as it shall be, and as soon as it is
 * behind the gate, Helm has no index that leads round it.
 * @throws InputError if the list of repositories cannot be changed
 * @throws SigstoreError `UNCHECKED` if Helm cannot fetch the index
 */
export async function moveRepository(
  { name }: Repository,
  address: string,
  context: RunContext,
): Promise<void> {
  const fetched = await fetchByHelm(name, address, context);
  // An index behind the gate does no harm to a plain repository; the other way round it would.
  if (isGated(address)) await keepIndex(name, fetched, context);
  await changeAddress(name, address, context);
  if (!isGated(address)) await keepIndex(name, fetched, context);
}

async function fetchByHelm(name: string, address: string, context: RunContext): Promise<FetchedIndex> {
  const { env, platform, interrupted } = context;
  const program = usersHelm(context)?.program ?? 'helm';
  const directories = new HandedDirectories(env);
  try {
    const { path: directory, handedPath, descriptor } = await directories.directory();
    await replaceFile(join(directory, LIST), await listWith(name, address, context));
    const apart = { HELM_REPOSITORY_CONFIG: join(handedPath, LIST), HELM_REPOSITORY_CACHE: handedPath };
    const call = { program, argv: ['repo', 'update', name], env: { ...env, ...apart }, platform, descriptor };
    const deadline = new Deadline(limitsOf(PATIENCE), interrupted);
    const ended = await deadline
      .hold(({ signal }) => runProgram(call, SAID_LIMIT, signal))
      .catch((error: unknown) => ({ status: undefined, said: messageOf(error) }));
    const read = async (file: string) => await readOwnFile(join(directory, file), CACHED_LIMIT, file);
    const [index, names] = [await read(`${name}-index.yaml`), await read(`${name}-charts.txt`)];
    // Helm 3 ends with 0 also if it fetched nothing.
    if (ended.status === 0 && index && names) return { index, names };
    throw new SigstoreError(
      'UNCHECKED',
      `the repository ${name} stays as it is: Helm cannot fetch its index from the new address: ${excerpt(lineOf(ended.said), 400)}`,
    );
  } finally {
    await directories.remove();
  }
}

const LIST = 'repositories.yaml';
const PATIENCE = 60_000;
const SAID_LIMIT = 16 << 10;
/** The most bytes of an index that Helm has cached: behind the gate it is longer than the original. */
export const CACHED_LIMIT = 256 << 20;

/** Errors first, as the rest is said of every repository. */
function lineOf(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /error|unable|\bfailed\b/i.test(line));
  return (errors.length > 0 ? errors : lines).join('; ') || 'it said nothing';
}

async function listWith(name: string, address: string, context: RunContext): Promise<string> {
  const path = pathOfList(context);
  const bytes = await readOwnFile(path, REPOSITORIES_LIMIT, path);
  const changed = bytes && withAddress(decodeUserText(bytes), name, address);
  if (changed !== undefined) return changed;
  throw new InputError(
    `cannot change the address of the repository ${name} in ${path}`,
    `helm repo add ${name} ${isGated(address) ? 'sigstore+URL' : 'URL'} --force-update does it`,
  );
}

function pathOfList(context: RunContext): string {
  const path = repositoriesFile(context);
  if (path !== undefined) return path;
  throw new InputError('Helm has no list of repositories', 'set HELM_CONFIG_HOME to an absolute path');
}

/** Changes the list in one step, while no `helm repo add` does. */
async function changeAddress(name: string, address: string, context: RunContext): Promise<void> {
  const path = pathOfList(context);
  const lock = await lockOf(path);
  try {
    await replaceInPlace(path, await listWith(name, address, context));
  } catch (error) {
    if (error instanceof SigstoreError) throw error;
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`);
  } finally {
    await lock?.release();
  }
}

/** The lock that Helm takes; undefined where there are none. */
async function lockOf(path: string): Promise<KernelLock | undefined> {
  try {
    return await lockFile(`${path.replace(/\.[^./]*$/, '')}.lock`);
  } catch (error) {
    if (error instanceof LockUnavailableError) return undefined;
    if (error instanceof LockHeldError)
      throw new InputError(`${dirname(path)} is in use: another helm repo command runs`, 'try again');
    throw new InputError(`cannot lock ${path}: ${messageOf(error)}`);
  }
}

async function keepIndex(name: string, { index, names }: FetchedIndex, context: RunContext): Promise<void> {
  const [path, namesPath] = [cachedIndex(name, context), namesInIndex(name, context)];
  if (path === undefined || namesPath === undefined)
    throw new InputError('Helm has no cache of indexes', 'set HELM_CACHE_HOME to an absolute path');
  try {
    await replaceFile(path, index, { mode: 0o644 });
    await replaceFile(namesPath, names, { mode: 0o644 });
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`, 'helm repo update makes its directory');
  }
}
