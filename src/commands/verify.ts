import { requireIndexed, type NamedChart } from '../chart/named-chart.ts';
import { openSignedChart } from '../chart/signed-chart.ts';
import { askAhead, judgeEntries } from '../cli/chart-entries.ts';
import {
  acceptableSigners,
  chartEvidence,
  demandsFor,
  demandsOf,
  type Demands,
} from '../cli/chart-evidence.ts';
import { answerForCharts, type ChartResult } from '../cli/chart-results.ts';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { lookUpIndexVisibly } from '../cli/index-lookup.ts';
import { openLog, requireTrusted, type OpenedLog } from '../cli/log.ts';
import { namedCharts, NAMING_CHARTS } from '../cli/named-charts.ts';
import type { Printer } from '../cli/printer.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { LogError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Gathered, GatheredEntry } from '../rekor/gathered-entry.ts';
import { unverifiedText, verifiedText } from '../render/chart-text.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { diagnosisOf } from '../render/diagnosis.ts';
import { chartMembers, logMembers } from '../render/json.ts';
import { isLocallyGood, judgeChart, type ChartEvidence } from '../verification/chart-checks.ts';
import { isProven, reportOnChart, type ChartReport, type OtherEntry } from '../verification/chart-report.ts';
import { whyForeign, type EntryJudgement } from '../verification/entry-checks.ts';

export const verify: CommandDefinition = {
  arguments: '[chart...]',
  description:
    'Proves that each archive, its signature (CHART.tgz.prov) and its signer are on the transparency log,\n' +
    `and that the signer's key was good when the log took them.\n\n${NAMING_CHARTS}`,
  examples: [
    'verify hello-0.1.0.tgz',
    'verify hello-0.1.0.tgz --keyring publisher.asc --fingerprint 5E615389B53CA37F0EE60BD3843BBF981FC18762',
    'verify hello-0.1.0.tgz --rekor-server https://rekor.example.com --output json',
    'verify *.tgz --output jsonl',
    'verify index.yaml --charts-dir ./mirror',
  ],
  options: [
    'rekorServer',
    'keyring',
    'publicKey',
    'fingerprint',
    'allowWeak',
    'as',
    'fromFile',
    'chartsDir',
    'requireConsistency',
    'rekorPublicKey',
    'trustedRoot',
    'firstUse',
    'caFile',
    'timeout',
    'output',
  ],
  run: verifyCharts,
};

/** What all charts of a run share. */
interface Session {
  readonly log: OpenedLog;
  readonly keyring: Keyring;
  readonly demands: Demands;
  readonly requireConsistency: boolean;
  readonly context: Context;
}

async function verifyCharts(
  operands: readonly string[],
  settings: Settings,
  context: Context,
  show: Printer['show'],
): Promise<Answer> {
  const demands = demandsOf(settings);
  const charts = await namedCharts(operands, settings, context);
  const log = await openLog(settings, context);
  try {
    const server = log.server.href;
    const keyring = await openUserKeyring(settings, context);
    const requireConsistency = settings.has('requireConsistency');
    const session = { log, keyring, demands, requireConsistency, context };
    const work = async (chart: NamedChart): Promise<ChartResult> => {
      const report = await verifyChart(chart, session);
      const members = chartMembers(report, server);
      const diagnosis = diagnosisOf(report, chart.path, server);
      return diagnosis === undefined
        ? { text: verifiedText(report, server), members }
        : { text: unverifiedText(report, chart.path), members, diagnosis };
    };
    const settle = () => log.history.remember();
    const answer = await answerForCharts(charts, context, show, { good: 'verified', work, settle });
    const document = {
      log: logMembers(server, log.trusted),
      ...conflictMembers(log.history),
      ...answer.document,
    };
    return { ...answer, document, afterwards: log.afterwards };
  } finally {
    log.close();
  }
}

/**
 * Gathers entries until the judge says that one of them proves the chart: first those that can be predicted. The log is
 * asked for these before anything else is done; while it answers, the archive is read and the signature verified.
 */
async function verifyChart(named: NamedChart, session: Session): Promise<ChartReport> {
  const { log, keyring, requireConsistency, context } = session;
  const demands = demandsFor(named, session.demands);
  const now = context.now();
  const { provenance, archive } = await openSignedChart(named.path);
  const signers = acceptableSigners(provenance, keyring, demands);
  const predictedFor = askAhead({ provenance, signers }, log);

  const evidence = chartEvidence({ archive: await archive, provenance }, signers, demands);
  requireIndexed(named, evidence.archive);
  const chart = await judgeChart(evidence, now);
  const entries: EntryJudgement[] = [];
  const foreign: OtherEntry[] = [];
  const judgements = { chart, signedAt: provenance.signature.created, entries, foreign };
  if (isLocallyGood(chart)) {
    requireTrusted(log);
    const asking = { log, client: log.connect() };
    const { signature } = chart;
    const judge = async (gathered: Gathered) => {
      const { own, others } = ownOf(gathered, evidence);
      foreign.push(...others);
      entries.push(...(await judgeEntries(own, { evidence, signature }, asking, now)));
    };
    const { certificate, signer } = signature;
    const predicted = await predictedFor({ certificate, signingFingerprint: signer.signingFingerprint });
    await judge(predicted);
    if (!isProven(judgements)) {
      const index = lookUpIndexVisibly(asking.client, { sha256: evidence.archive.sha256 }, context);
      for await (const group of index) await judge(group);
      const [unreadable] = predicted.unreadable;
      if (unreadable !== undefined && entries.length === 0)
        throw new LogError(
          'LOG_ANSWER',
          `${log.server.href} has an entry of this chart that cannot be read: ${unreadable.reason}`,
        );
    }
  }
  return reportOnChart(judgements, { requireConsistency, log: log.trusted, now });
}

/** The entries that are the chart's to judge, and what else came with them. */
function ownOf(
  { entries, unreadable }: Gathered,
  evidence: ChartEvidence,
): { own: GatheredEntry[]; others: OtherEntry[] } {
  const own: GatheredEntry[] = [];
  const others: OtherEntry[] = [];
  for (const each of entries) {
    const reason = whyForeign(each, evidence);
    if (reason === undefined) own.push(each);
    else others.push({ uuid: each.entry.id.text, logIndex: each.entry.logIndex, reason });
  }
  for (const { name, reason } of unreadable) others.push({ uuid: name, reason });
  return { own, others };
}
