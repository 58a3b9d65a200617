import { formatTime } from '../encoding.ts';
import { InputError, LogError, MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import { loadBuiltInRoot, PUBLIC_LOG } from './public-good.ts';
import { readRefreshedRoot, type RefreshedRoot } from './refreshed-root.ts';
import type { RootCopy, TrustedLog } from './trusted-log.ts';
import { parseTrustedRoot, type RootLog } from './trusted-root.ts';
import type { TufRepository } from './tuf.ts';

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

/**
 * Sigstore's trusted root, as its TUF repository proves it now.
 * @param known the last refresh; what is older than that is refused
 * @param now seconds since 1970
 * @throws LogError `LOG_UNREACHABLE` without an answer, `LOG_ANSWER` if the answers prove nothing
 */
export async function refreshSigstoreRoot(
  repository: TufRepository,
  known: RefreshedRoot | undefined,
  now: number,
): Promise<RefreshedRoot> {
  const { fetchTufTarget } = await import('./tuf.ts');
  const { target, beside, metadata } = await fetchTufTarget(
    'trusted_root.json',
    repository,
    known?.metadata,
    SIGNING_CONFIG,
  );
  try {
    const trustedRoot = parseJson(target);
    const logs = parseTrustedRoot(trustedRoot);
    if (logs.length === 0) throw new MalformedError('there is no key of a Rekor v1 log in it');
    const signingConfig = beside && signingConfigIn(beside);
    return { repository: repository.url, refreshedAt: now, trustedRoot, signingConfig, logs, metadata };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new LogError(
      'LOG_ANSWER',
      `expected ${repository.url} to have a trusted root: ${error.message}`,
      'try a newer version of this program, which may be able to read it',
    );
  }
}

/** The target that says which servers sign. */
const SIGNING_CONFIG = 'signing_config.v0.2.json';
/** Bytes; it has two thousand. */
const SIGNING_CONFIG_LIMIT = 1 << 18;

/** What it says is read by who signs. */
function signingConfigIn(bytes: Uint8Array): unknown {
  if (bytes.length > SIGNING_CONFIG_LIMIT)
    throw new MalformedError(`${SIGNING_CONFIG} is longer than ${SIGNING_CONFIG_LIMIT} bytes`);
  return parseJson(bytes);
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
