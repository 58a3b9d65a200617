import { SigstoreError } from '../errors.ts';
import type { GatheredEntries } from '../log-view/log-view.ts';
import { reportOnChart, type ChartReport } from '../policy/chart-report.ts';
import { JudgedEntries } from '../policy/judged-entries.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { ChartJudgement } from '../verification/chart-checks.ts';
import type { ChartEvidence } from '../verification/chart-evidence.ts';
import { whyForeign } from '../verification/entry-checks.ts';
import { judgeEntry, type GoodChart } from '../verification/entry-report.ts';
import { conflictNow, type AskedLog } from './asked-log.ts';

/** Entries that come in groups. Nothing is asked for before the first group is. */
type EntryGroups = Iterable<GatheredEntries> | AsyncIterable<GatheredEntries>;

/**
 * Judges the entries of one source after the other, at the time `now`, until one of them proves the chart; each source
 * that is begun is looked at to its end. Before it is said that the log has no entry, the log is held against what was
 * seen of it, as one that was rolled back has none. Where the log does not answer, or its answer makes no sense, the report
 * says so, and what was found by then.
 */
export async function proveByEntries(
  sources: readonly EntryGroups[],
  chart: GoodChart,
  requirements: Requirements,
  asked: AskedLog,
  now: number,
): Promise<ChartReport> {
  const { evidence, judgement } = chart;
  const signedAt = evidence.provenance.signature.created;
  const entries = new JudgedEntries(requirements);
  const judged = { chart: judgement, signedAt, entries };
  try {
    for (const groups of sources) {
      if (entries.isProven) break;
      for await (const group of groups) await judgeGroup(group, chart, asked, now, entries);
    }
    const conflict = entries.best === undefined ? await conflictNow(asked) : undefined;
    return reportOnChart({ ...judged, conflict }, requirements);
  } catch (error) {
    if (error instanceof SigstoreError) return reportOnChart({ ...judged, error }, requirements);
    throw error;
  }
}

/**
 * The report on a chart of which the log was not asked for an entry, or did not answer.
 * @param error why not; undefined: a local check says it
 */
export function reportUnasked(
  { evidence, judgement }: { readonly evidence: ChartEvidence; readonly judgement: ChartJudgement },
  requirements: Requirements,
  error?: SigstoreError,
): ChartReport {
  const signedAt = evidence.provenance.signature.created;
  const entries = new JudgedEntries(requirements);
  return reportOnChart({ chart: judgement, signedAt, entries, error }, requirements);
}

async function judgeGroup(
  { entries, unreadable }: GatheredEntries,
  chart: GoodChart,
  { log, view }: AskedLog,
  now: number,
  judged: JudgedEntries,
): Promise<void> {
  for (const each of entries) {
    const reason = whyForeign(each, chart.evidence);
    if (reason === undefined) {
      const trusted = await log.trustedFor(each.entry.logId);
      const past = await log.history.pastOf(each, { log: trusted, view });
      judged.add(await judgeEntry({ ...each, past }, chart, trusted, now));
    } else judged.addOther({ uuid: each.entry.id.text, logIndex: each.entry.time.logIndex, reason });
  }
  for (const { name, reason } of unreadable) judged.addOther({ uuid: name, reason });
}
