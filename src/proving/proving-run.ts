import type { NamedCharts } from '../chart/chart-files.ts';
import type { Depth } from '../chart/packed-chart.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts, type ChartWork } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { InputError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { logDocument } from '../render/json.ts';
import type { RunContext } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { BundlePast } from './bundle-past.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';

/** What all charts of a run share. */
export interface ProvingRun<Log extends OfflineLog = OpenedLog> {
  readonly log: Log;
  readonly keyring: Keyring;
  readonly context: RunContext;
  /**
   * What vouches for logs of signatures and for times, as bundles of provenances need it: read when it is first asked for. Throws
   * InputError where none is named that counts.
   */
  readonly sigstoreTrust: () => Promise<SigstoreTrust>;
  /** What was seen before of the logs of bundles: loaded when it is first asked for. */
  readonly bundlePast: () => Promise<BundlePast>;
  /**
   * How deep every archive is looked into, if it is: what it says of itself has to be what was signed, also where nobody
   * asks.
   */
  readonly looksInside?: Depth | undefined;
}

/**
 * Does the work for each chart with the log and the keyring that the settings name. What the log showed is remembered
 * before a result is shown.
 * @param openKeyring opens another keyring
 * @throws UsageError or InputError as `withLog` and `openUserKeyring` do
 */
export async function answerWithLog(
  charts: NamedCharts,
  settings: Settings<LogOption | KeyringOption>,
  context: RunContext,
  show: Printer['show'],
  workOf: (run: ProvingRun) => Omit<ChartWork, 'settle'>,
  openKeyring: () => Promise<Keyring> = () => openUserKeyring(settings, context),
): Promise<Answer> {
  // What asks a log is not loaded by a run that asks none.
  const { withLog } = await import('../run/log.ts');
  const worked = await withLog(settings, context, async (log) => {
    const keyring = await openKeyring();
    const sigstoreTrust = provenanceTrustOnce(settings, context, log);
    const settle = () => log.history.remember();
    return await answerForCharts(charts, context, show, {
      ...workOf({
        log,
        keyring,
        context,
        sigstoreTrust,
        bundlePast: bundlePastOnce(settings, context, false),
      }),
      settle,
    });
  });
  const { result } = worked;
  return { ...result, document: { ...logDocument(worked), ...result.document } };
}

/**
 * The trusted root for bundles of provenances. Whoever chose another log than the public one has charts proven by that alone, so
 * Sigstore's own root counts for them only where they name it: without that, a thief of a key could use the public log in place of
 * the one that its owner watches.
 * @returns what throws InputError where no root is named
 */
export function provenanceTrustOnce(
  settings: Settings<'trustedRoot'>,
  context: RunContext,
  { server }: Pick<OfflineLog, 'server'>,
): () => Promise<SigstoreTrust> {
  const { policy } = context;
  const isNamed =
    policy === undefined
      ? settings.one('trustedRoot') !== undefined
      : policy.policy.trustedRoot !== undefined;
  if (isNamed || server.href === PUBLIC_LOG) return trustOnce(settings, context);
  return () =>
    Promise.reject(
      new InputError(
        `a Sigstore bundle of a provenance is on another log than ${server.href}, and no trusted root is named for it`,
        policy === undefined
          ? 'if you believe that log as well, name its trusted root with --trusted-root: a file, or sigstore for that of Sigstore'
          : 'if you believe that log as well, name its trusted root in the policy: trustedRoot: sigstore, or a file',
      ),
    );
}

/** What was seen before of the logs of bundles. @param isOffline whether no log may be asked for a proof */
export function bundlePastOnce(
  settings: Settings<LogOption>,
  context: RunContext,
  isOffline: boolean,
): ProvingRun['bundlePast'] {
  let loading: Promise<BundlePast> | undefined;
  const load = async () => {
    const { BundlePast } = await import('./bundle-past.ts');
    return new BundlePast(settings, context, isOffline);
  };
  return () => (loading ??= load());
}

/** The trusted root of a run, read when it is first needed. */
export function trustOnce(
  settings: Settings<'trustedRoot'>,
  context: RunContext,
): () => Promise<SigstoreTrust> {
  let reading: Promise<SigstoreTrust> | undefined;
  const read = async () => {
    const { sigstoreTrustOf } = await import('../run/sigstore-trust.ts');
    return (await sigstoreTrustOf(settings, context)).trust;
  };
  return () => (reading ??= read());
}
