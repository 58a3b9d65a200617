import { formatTime } from '../encoding.ts';
import { InputError } from '../errors.ts';
import type { ServiceSelection, SigningConfig, SigstoreService } from './signing-config.ts';

/** The servers that a signature needs. */
export interface ChosenServices {
  readonly authority: SigstoreService;
  /** Of version 1 or 2. */
  readonly log: SigstoreService;
  /** None only where the log says when it took an entry. */
  readonly timestamps: readonly SigstoreService[];
}

/** Versions of APIs that are known here. */
const KNOWN = { authority: [1], log: [1, 2], timestamps: [1] } as const;

/**
 * Chooses the servers that a signer asks: of those that are valid now and have a known API the highest versions, of each
 * operator one, of these as many as the config wants (sigstore_trustroot.proto, `ServiceSelector`); where it leaves the
 * choice, the newest ones.
 * @param now seconds since 1970
 * @throws InputError if there are too few, or the config wants several logs: a bundle is judged by one entry
 */
export function chooseServices(config: SigningConfig, now: number): ChosenServices {
  const any: ServiceSelection = { selector: 'ANY' };
  const [authority] = choose('certificate authority', config.authorities, any, KNOWN.authority, now);
  const log = chooseLog(
    config,
    KNOWN.log,
    now,
    'give a signing config that wants one, with --signing-config',
  );
  const needsTime = log.version > 1;
  const timestamps =
    config.timestamps.length === 0 && !needsTime
      ? []
      : choose('timestamp authority', config.timestamps, config.timestampSelection, KNOWN.timestamps, now);
  if (authority === undefined) throw new InputError('the signing config has no certificate authority');
  return { authority, log, timestamps };
}

/** The servers that a signature needs which is made already. */
export interface LoggingServices {
  /** Of version 2. */
  readonly log: { readonly url: string };
  /** One or more: a log of version 2 does not say when it took an entry. */
  readonly timestamps: readonly SigstoreService[];
}

/**
 * Chooses a log of version 2 and timestamp authorities, as {@link chooseServices} does.
 * @param named the URL of a log that is taken in place of those of the config
 * @throws InputError if there are too few, or the config wants several logs: a bundle is judged by one entry
 */
export function chooseLoggingServices(
  config: SigningConfig,
  now: number,
  named: string | undefined,
): LoggingServices {
  const timestamps = choose(
    'timestamp authority',
    config.timestamps,
    config.timestampSelection,
    KNOWN.timestamps,
    now,
  );
  if (named !== undefined) return { log: { url: named }, timestamps };
  return { log: chooseLog(config, [2], now, 'name the log with --rekor-server'), timestamps };
}

/** A log whose word would be left out is none that the config wants: what is there could not be seen to be less than that. */
function chooseLog(
  { logs, logSelection }: SigningConfig,
  versions: readonly number[],
  now: number,
  wayOut: string,
): SigstoreService {
  const [log, ...others] = choose('transparency log', logs, logSelection, versions, now);
  if (log === undefined) throw new InputError('the signing config has no transparency log');
  if (others.length > 0)
    throw new InputError(
      `expected the signing config to want each signature on one transparency log, found that it wants it on ${others.length + 1} (${[log, ...others].map(({ url }) => url).join(', ')}): a bundle is judged by the entry of one`,
      wayOut,
    );
  return log;
}

/** The versions of the logs that are valid now. */
export function versionsOfLogs({ logs }: SigningConfig, now: number): ReadonlySet<number> {
  return new Set(logs.filter((each) => isValid(each, now)).map(({ version }) => version));
}

function choose(
  kind: string,
  services: readonly SigstoreService[],
  selection: ServiceSelection,
  versions: readonly number[],
  now: number,
): readonly SigstoreService[] {
  const usable = services
    .filter((service) => versions.includes(service.version) && isValid(service, now))
    .sort((a, b) => b.version - a.version || b.validFrom - a.validFrom);
  const operators = new Set<string>();
  const candidates = usable.filter(({ operator }) => {
    if (operators.has(operator)) return false;
    operators.add(operator);
    return true;
  });
  const wanted = wantedOf(selection, candidates.length);
  if (candidates.length >= wanted) return candidates.slice(0, wanted);
  throw new InputError(
    `expected the signing config to name ${wanted === 1 ? 'a' : `${wanted} different`} ${kind} that is valid at ${formatTime(now)} and has an API of version ${versions.join(' or ')}, found ${candidates.length || 'none'}`,
    'give another one with --signing-config, or try a newer version of this program',
  );
}

function wantedOf(selection: ServiceSelection, available: number): number {
  if (selection.selector === 'EXACT') return selection.count;
  return selection.selector === 'ALL' ? Math.max(1, available) : 1;
}

function isValid({ validFrom, validUntil = Infinity }: SigstoreService, now: number): boolean {
  return validFrom <= now && now <= validUntil;
}
