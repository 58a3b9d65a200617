import type { NamedCharts } from '../chart/chart-files.ts';
import type { Depth } from '../chart/packed-chart.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts, type ChartWork } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { logDocument } from '../render/json.ts';
import type { RunContext } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';

/** What all charts of a run share. */
export interface ProvingRun<Log extends OfflineLog = OpenedLog> {
  readonly log: Log;
  readonly keyring: Keyring;
  readonly context: RunContext;
  /** What vouches for logs of signatures and for times, as bundles need it: read when it is first asked for. */
  readonly sigstoreTrust: () => Promise<SigstoreTrust>;
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
  const sigstoreTrust = trustOnce(settings, context);
  const worked = await withLog(settings, context, async (log) => {
    const keyring = await openKeyring();
    const settle = () => log.history.remember();
    return await answerForCharts(charts, context, show, {
      ...workOf({ log, keyring, context, sigstoreTrust }),
      settle,
    });
  });
  const { result } = worked;
  return { ...result, document: { ...logDocument(worked), ...result.document } };
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
