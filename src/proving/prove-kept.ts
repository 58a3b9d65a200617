import type { ChartFiles, NamedBytes } from '../chart/chart-files.ts';
import { SigstoreError } from '../errors.ts';
import { evidenceIn, MAKE_AGAIN } from '../evidence/read.ts';
import { askWhileItAnswers, type Ask } from '../log-view/ask.ts';
import { KeptView } from '../log-view/kept.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { Requirements } from '../policy/requirements.ts';
import { predictLeaves } from '../rekor/predicted-entry.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import { requireTrusted } from '../run/trusted-keys.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import { isLocallyGood } from '../verification/chart-checks.ts';
import type { CheckId } from '../verification/checks.ts';
import { openChart } from './opened-chart.ts';
import { proveByEntries, reportUnasked } from './prove-by-entries.ts';
import type { ReportedChart } from './prove-chart.ts';
import type { ProvingRun } from './proving-run.ts';

/** Proves charts by the evidence that is kept for them: no log is asked for an entry. */
export class KeptProver {
  readonly #run: ProvingRun<OfflineLog>;
  readonly #ask: Ask;
  #hasNamedLog = false;

  /** @param ask asks the log for what connects evidence with what was seen before */
  constructor(run: ProvingRun<OfflineLog>, ask: Ask) {
    this.#run = run;
    this.#ask = ask;
  }

  /** One that asks the log of the run as long as it answers, and warns once when it does not. */
  static withLog(run: ProvingRun): KeptProver {
    const ask = askWhileItAnswers(run.log.connect, (why) => {
      run.context.stderr.warn(`what was kept is not held against the log as it is now: ${why}`);
    });
    return new KeptProver(run, ask);
  }

  /**
   * Judges the entries of an evidence file. Where none proves the chart, the log is not asked for a better one:
   * somebody put these there.
   * @param general what is required of every chart of the run
   * @throws InputError if archive or provenance cannot be read, or the evidence is malformed
   */
  async prove(
    chart: ChartFiles,
    { label, bytes }: NamedBytes,
    general: Requirements,
  ): Promise<ReportedChart> {
    const { log, context } = this.#run;
    const { entries, log: saidToBe } = evidenceIn(bytes, label);
    const now = context.now();
    const opened = await openChart(chart, general, this.#run);
    const { requirements, provenance } = opened;
    const judged = await opened.judge(now);
    const { evidence, judgement, archive } = judged;
    if (!isLocallyGood(judgement))
      return { report: reportUnasked({ evidence, judgement }, requirements), archive };

    try {
      requireTrusted(log);
    } catch (error) {
      if (!(error instanceof SigstoreError)) throw error;
      return { report: reportUnasked({ evidence, judgement }, requirements, error), archive };
    }
    const { certificate, signer } = judgement.facts['provenance-signature'];
    const leaves = predictLeaves(provenance, certificate, signer.signingFingerprint);
    const view = new KeptView(log.server.href, entries, this.#ask);
    const kept = await view.entries(leaves.map(({ leafHash }) => leafHash));
    const report = await proveByEntries([[kept]], { evidence, judgement }, requirements, { log, view }, now);
    if (report.verdict === 'verified') this.#nameLog(saidToBe);
    return { report: withHint(report, saidToBe, log.server.href), archive, judged };
  }

  /** Says once which log it may be, where keys of another one count and nobody gave that a name. */
  #nameLog(saidToBe: string): void {
    const { log, context } = this.#run;
    if (this.#hasNamedLog || log.server.href !== PUBLIC_LOG || saidToBe === PUBLIC_LOG) return;
    this.#hasNamedLog = true;
    context.stderr.warn(
      `the log is shown as ${PUBLIC_LOG}, but the evidence says that it comes from ${saidToBe}: if so, name that with --rekor-server`,
    );
  }
}

/** What fails where the evidence is of another chart, or was changed. */
const OF_ENTRY: ReadonlySet<CheckId> = new Set([
  'entry-kind',
  'entry-binding',
  'entry-id',
  'inclusion-promise',
  'checkpoint',
  'inclusion-proof',
]);

/** With what to do about evidence that does not prove its chart: no log has answered, so it is not the log's to mend. */
function withHint(report: ChartReport, saidToBe: string, server: string): ChartReport {
  if (report.verdict !== 'rejected') return report;
  const { evidence } = report;
  const { id } = evidence.failure;
  const isOtherLog = id === 'log-key' && saidToBe !== server;
  if (!isOtherLog && !OF_ENTRY.has(id)) return report;
  const hint = isOtherLog
    ? `the evidence says that it comes from ${saidToBe}: if you trust that log, name it with --rekor-server`
    : MAKE_AGAIN;
  return { ...report, evidence: { ...evidence, failure: { ...evidence.failure, hint } } };
}
