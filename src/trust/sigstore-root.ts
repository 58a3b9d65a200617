import { formatTime } from '../encoding.ts';
import { InputError, LogError, MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import { loadBuiltInRoot, PUBLIC_LOG } from './public-good.ts';
import { readRefreshedRoot, type RefreshedRoot } from './refreshed-root.ts';
import type { RootCopy, TrustedLog } from './trusted-log.ts';
import { parseTrustedRoot, type RootLog } from './trusted-root.ts';
import type { TufContent, TufRepository } from './tuf.ts';

/** Sigstore's trusted root, in one of its copies. */
export interface SigstoreRoot {
  readonly logs: readonly RootLog[];
  /** The whole of it: JSON. */
  readonly trustedRoot: unknown;
  /** Which servers sign, as it was refreshed with the root: JSON; undefined: it was not. */
  readonly signingConfig?: unknown;
  readonly copy: RootCopy;
}

const DAY = 86_400;

/** Seconds after which a copy is refreshed, and after which the user is warned of its age. */
const STALE_AFTER = 7 * DAY;
const OLD_AFTER = 90 * DAY;

/**
 * The newer of the built-in copy and the copy of the last refresh. If the latter cannot be read, it does not
 * count, and `passedOver` of the built-in one says why.
 * @param directory where the copy of the last refresh is; undefined: there is none
 */
export async function loadSigstoreRoot(directory: string | undefined): Promise<SigstoreRoot> {
  const builtIn = await loadBuiltInRoot();
  const copy = { origin: 'built-in', asOf: builtIn.date } as const;
  try {
    const refreshed = directory === undefined ? undefined : await readRefreshedRoot(directory);
    if (refreshed && refreshed.refreshedAt >= builtIn.date) return rootOfRefresh(refreshed);
    return { logs: builtIn.logs, trustedRoot: builtIn.trustedRoot, copy };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { logs, trustedRoot } = builtIn;
    return { logs, trustedRoot, copy: { ...copy, passedOver: error.message } };
  }
}

/** The root that a refresh brought. */
export function rootOfRefresh({
  logs,
  trustedRoot,
  signingConfig,
  refreshedAt,
}: RefreshedRoot): SigstoreRoot {
  return { logs, trustedRoot, signingConfig, copy: { origin: 'refreshed', asOf: refreshedAt } };
}

/** What a refresh brought. */
export interface Refreshed {
  readonly root: RefreshedRoot;
  /** Why the signing config in `root` is still that of the last refresh; undefined: it is that of the repository. */
  readonly configFailure: LogError | undefined;
}

/**
 * Sigstore's trusted root, as its TUF repository proves it now, with the signing config that it lists.
 * @param known the last refresh; what is older than that is refused
 * @param now seconds since 1970
 * @throws LogError `LOG_UNREACHABLE` without an answer, `LOG_ANSWER` if the answers prove nothing
 */
export async function refreshSigstoreRoot(
  repository: TufRepository,
  known: RefreshedRoot | undefined,
  now: number,
): Promise<Refreshed> {
  const { url } = repository;
  const { fetchTufTarget } = await import('./tuf.ts');
  const content = await fetchTufTarget('trusted_root.json', repository, known?.metadata, SIGNING_CONFIG);
  const trusted = readTarget(url, 'a trusted root', () => {
    const trustedRoot = parseJson(content.target);
    const logs = parseTrustedRoot(trustedRoot);
    if (logs.length === 0) throw new MalformedError('there is no key of a Rekor v1 log in it');
    return { trustedRoot, logs };
  });
  const root = { repository: url, refreshedAt: now, ...trusted, metadata: content.metadata };
  try {
    const signingConfig = signingConfigIn(content.other, url);
    return { root: { ...root, signingConfig }, configFailure: undefined };
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return { root: { ...root, signingConfig: known?.signingConfig }, configFailure: error };
  }
}

/** The target that says which servers sign. */
const SIGNING_CONFIG = 'signing_config.v0.2.json';
/** Bytes; it has two thousand. */
const SIGNING_CONFIG_LIMIT = 1 << 18;

/** The signing config as JSON: `sign --identity` reads what it says. @throws LogError why there is none to be had */
function signingConfigIn(target: TufContent['other'], url: string): unknown {
  if (target instanceof LogError) throw target;
  return (
    target &&
    readTarget(url, 'a signing config', () => {
      if (target.length > SIGNING_CONFIG_LIMIT)
        throw new MalformedError(`${SIGNING_CONFIG} is longer than ${SIGNING_CONFIG_LIMIT} bytes`);
      return parseJson(target);
    })
  );
}

/** @throws LogError `LOG_ANSWER` if `read` throws a MalformedError */
function readTarget<T>(url: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new LogError(
      'LOG_ANSWER',
      `expected ${url} to have ${what}: ${error.message}`,
      'try a newer version of this program, which may be able to read it',
    );
  }
}

/**
 * The log at this URL with the keys of the root: those of the public log, or all, for a mirror of it, where the user
 * asked for Sigstore's root by name.
 */
export function logOfRoot(
  url: string,
  { logs, copy }: Pick<SigstoreRoot, 'logs' | 'copy'>,
  byName: boolean,
): TrustedLog {
  const keys = logs.filter((log) => byName || log.url === PUBLIC_LOG).map(({ key }) => key);
  const kind = byName ? 'trusted-root' : copy.origin;
  const date = formatTime(copy.asOf);
  const age = copy.origin === 'built-in' ? ` of ${date.slice(0, 10)}` : `, refreshed at ${date}`;
  return { url, keys, source: { kind, detail: `Sigstore's trusted root${age}`, root: copy } };
}

/** Whether a copy is old enough to be refreshed; one with a date in the future always is. */
export function isStale({ asOf }: RootCopy, now: number): boolean {
  return now - asOf > STALE_AFTER || asOf > now;
}

/** What a user should know about the copy; lower case, no full stop. */
export function warningsAbout({ origin, asOf, passedOver }: RootCopy, now: number): string[] {
  const hint = 'helm sigstore trust update brings a new one';
  const days = Math.floor((now - asOf) / DAY);
  const copy = origin === 'built-in' ? 'the built-in copy' : 'the last copy';
  return [
    ...(passedOver === undefined ? [] : [`${passedOver}; ${hint}`]),
    ...(now - asOf > OLD_AFTER ? [`${copy} of Sigstore's trusted root is ${days} days old; ${hint}`] : []),
  ];
}
