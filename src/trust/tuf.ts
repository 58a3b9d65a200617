import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from '../zod.ts';
import { encodeUtf8, excerpt } from '../encoding.ts';
import { InputError, LogError, MalformedError, messageOf } from '../errors.ts';
import { makeRunDirectory, removeTree } from '../files/run-directory.ts';
import type { Deadline } from '../http/deadline.ts';
import { describeUrl, type HttpClient } from '../http/request.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import type { Download, Targets } from './tuf-client.ts';

/** What a TUF client keeps of a repository (TUF 1.0 section 5), each as the JSON text that was signed. */
export interface TufMetadata {
  readonly root: string;
  readonly timestamp: string;
  readonly snapshot: string;
  readonly targets: string;
}

/** A repository, and how to ask it. */
export interface TufRepository {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** The root from which everything else is proven: JSON text. */
  readonly root: string;
  readonly http: HttpClient;
  readonly deadline: Deadline;
}

/** The ceiling for every file: above the limits of tuf-js, and also for sizes that signed metadata claims. */
const MAX_BYTES = 5_000_000;

/** What a repository has, and the metadata that proves it. */
export interface TufContent {
  readonly target: Uint8Array;
  /**
   * Another target; undefined if the repository lists none. An error if it lists one that cannot be had: `LOG_UNREACHABLE`,
   * or `LOG_ANSWER` for an answer that is not what is listed.
   */
  readonly other: Uint8Array | LogError | undefined;
  readonly metadata: TufMetadata;
}

/**
 * A target of the repository, and another one if that can be had, with the metadata that proves them. Each call works in a
 * directory of its own, so calls may run at the same time.
 * @param known metadata of an earlier call, to notice a roll-back; invalid parts of it are ignored
 * @param otherName the name of the other target
 * @throws LogError `LOG_UNREACHABLE` without an answer, `LOG_ANSWER` if the answers prove nothing
 * @throws InputError if there is no place for temporary files
 */
export async function fetchTufTarget(
  name: string,
  repository: TufRepository,
  known: TufMetadata | undefined,
  otherName?: string,
): Promise<TufContent> {
  const directory = await privateDirectory();
  try {
    for (const role of ['timestamp', 'snapshot', 'targets'] as const)
      if (known) await writeFile(fileOf(directory, role), known[role]);
    // Never the root that was kept: whoever could change that file would choose all keys.
    await writeFile(fileOf(directory, 'root'), repository.root);
    const names = otherName === undefined ? [name] : [name, otherName];
    const targets = await fetchProven(names, repository, directory);
    const read = (role: keyof TufMetadata) => readFile(fileOf(directory, role), 'utf8');
    const metadata = {
      root: await read('root'),
      timestamp: await read('timestamp'),
      snapshot: await read('snapshot'),
      targets: await read('targets'),
    };
    requireSameOrNewer(known?.root, metadata.root, repository.url);
    const target = targets.get(name) ?? new Error(`it has no target ${name}`);
    if (target instanceof Error) throw target instanceof LogError ? target : unproven(repository.url, target);
    const other = otherName === undefined ? undefined : targets.get(otherName);
    return { target, other: other instanceof Error ? failureOf(other, repository.url) : other, metadata };
  } finally {
    await removeTree(directory);
  }
}

async function fetchProven(
  names: readonly string[],
  { url, http, deadline }: TufRepository,
  directory: string,
): Promise<Targets> {
  let failed: unknown;
  const download: Download = async (file, maxBytes) => {
    const address = new URL(file);
    try {
      const { status, body } = await http.request({
        method: 'GET',
        url: address,
        maxBytes: Math.min(maxBytes, MAX_BYTES),
        deadline,
      });
      if (status === 200) return body;
      if (status === 403 || status === 404) return undefined;
      throw new LogError(
        status >= 500 ? 'LOG_UNREACHABLE' : 'LOG_ANSWER',
        `expected ${describeUrl(address)} to answer with status 200, found ${status}`,
        'try again later',
      );
    } catch (error) {
      failed = error;
      throw error;
    }
  };
  const { fetchTargets } = await import('./tuf-client.ts');
  try {
    return await fetchTargets(names, { repository: url, directory, download });
  } catch (error) {
    // tuf-js turns some of our errors into text: report the original.
    throw failed instanceof LogError ? failed : unproven(url, error);
  }
}

/** Why a target cannot be had that need not be had. */
function failureOf(error: Error, url: string): LogError {
  if (error instanceof LogError) return error;
  // Of the errors of tuf-js, only that for a file that is not there has a status.
  return 'statusCode' in error
    ? new LogError('LOG_UNREACHABLE', error.message, 'try again later')
    : unproven(url, error);
}

// tuf-js starts from the built-in root each time, so it cannot see that the root was newer before.
function requireSameOrNewer(before: string | undefined, now: string, url: string): void {
  if (before === undefined) return;
  const [older, newer] = [rootVersion(before), rootVersion(now)];
  if (newer < older)
    throw unproven(url, new Error(`its root has version ${newer}, and had version ${older} before`));
}

const rootSchema = lateSchema(() => z.object({ signed: z.object({ version: z.int() }) }));

function rootVersion(text: string): number {
  try {
    return checkShape(rootSchema(), parseJson(encodeUtf8(text))).signed.version;
  } catch (error) {
    if (error instanceof MalformedError) return 0;
    throw error;
  }
}

function unproven(url: string, error: unknown): LogError {
  return new LogError(
    'LOG_ANSWER',
    `the TUF repository ${url} does not prove what it says: ${excerpt(messageOf(error), 200)}`,
    'check that nothing answers in its place, and try again later',
    { cause: error },
  );
}

async function privateDirectory(): Promise<string> {
  try {
    return await makeRunDirectory(tmpdir(), 'tuf');
  } catch (error) {
    throw new InputError(`cannot make a temporary directory: ${messageOf(error)}`);
  }
}

function fileOf(directory: string, role: keyof TufMetadata): string {
  return join(directory, `${role}.json`);
}
