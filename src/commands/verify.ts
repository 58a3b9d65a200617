import { readSignedChart } from '../chart/signed-chart.ts';
import { chartEvidence, demandsOf } from '../cli/chart-evidence.ts';
import { answerForCharts, type ChartResult } from '../cli/chart-results.ts';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { lookUpIndexVisibly } from '../cli/index-lookup.ts';
import { openLog, requireTrusted, type OpenedLog } from '../cli/log.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { LogError, UsageError } from '../errors.ts';
import type { Gathered } from '../rekor/gathered-entry.ts';
import { predictLeaves } from '../rekor/helm-entry.ts';
import { lookUpLeaves } from '../rekor/lookup.ts';
import { unverifiedText, verifiedText } from '../render/chart-text.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { diagnosisOf } from '../render/diagnosis.ts';
import { chartMembers, logMembers } from '../render/json.ts';
import { isLocallyGood, judgeChart, type ChartEvidence } from '../verification/chart-checks.ts';
import { isProven, reportOnChart, type ChartReport, type OtherEntry } from '../verification/chart-report.ts';
import { judgeEntry, whyForeign, type EntryJudgement } from '../verification/entry-checks.ts';

export const verify: CommandDefinition = {
  arguments: '<chart...>',
  description:
    'Proves that each archive, its signature (CHART.tgz.prov) and its signer are on the transparency log,\n' +
    "and that the signer's key was good when the log took them.",
  examples: [
    'verify hello-0.1.0.tgz',
    'verify hello-0.1.0.tgz --keyring publisher.asc --fingerprint 5E615389B53CA37F0EE60BD3843BBF981FC18762',
    'verify hello-0.1.0.tgz --rekor-server https://rekor.example.com --output json',
  ],
  options: [
    'rekorServer',
    'keyring',
    'publicKey',
    'fingerprint',
    'allowWeak',
    'as',
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

async function verifyCharts(paths: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const demands = demandsOf(settings);
  if (paths.length > 1 && demands.signedName !== undefined)
    throw new UsageError('--as names one file, but several charts were given');
  const log = await openLog(settings, context);
  try {
    const server = log.server.href;
    const keyring = await openUserKeyring(settings, context);
    const answer = await answerForCharts(paths, context, async (path): Promise<ChartResult> => {
      const evidence = chartEvidence(await readSignedChart(path), keyring, demands);
      const report = await verifyChart(evidence, log, settings, context).finally(() =>
        log.history.remember(),
      );
      const members = chartMembers(report, server);
      const diagnosis = diagnosisOf(report, path, server);
      return diagnosis === undefined
        ? { text: verifiedText(report, server), members }
        : { text: unverifiedText(report, path), members, diagnosis };
    });
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

/** Gathers entries until the judge says that one of them proves the chart: first those that can be predicted. */
async function verifyChart(
  evidence: ChartEvidence,
  log: OpenedLog,
  settings: Settings,
  context: Context,
): Promise<ChartReport> {
  const now = context.now();
  const { provenance, archive } = evidence;
  const chart = await judgeChart(evidence, now);
  const entries: EntryJudgement[] = [];
  const foreign: OtherEntry[] = [];
  const judgements = { chart, signedAt: provenance.signature.created, entries, foreign };

  if (isLocallyGood(chart)) {
    requireTrusted(log);
    const client = log.connect();
    const { certificate, signer } = chart.signature;
    const judge = async (gathered: Gathered) => {
      for (const each of gathered.entries) {
        const { id, logIndex } = each.entry;
        const reason = whyForeign(each, evidence);
        if (reason === undefined) {
          const trusted = await log.trustedFor(each.entry.logId);
          const past = await log.history.pastOf(each, { log: trusted, client });
          entries.push(await judgeEntry({ ...each, past }, evidence, chart.signature, trusted, now));
        } else foreign.push({ uuid: id.text, logIndex, reason });
      }
      for (const { name, reason } of gathered.unreadable) foreign.push({ uuid: name, reason });
    };
    const leaves = predictLeaves(provenance, certificate, signer.signingFingerprint);
    const predicted = await lookUpLeaves(
      client,
      leaves.map(({ leafHash }) => leafHash),
    );
    await judge(predicted);
    if (!isProven(judgements)) {
      const index = lookUpIndexVisibly(client, { sha256: archive.sha256 }, context);
      for await (const group of index) await judge(group);
      const [unreadable] = predicted.unreadable;
      if (unreadable !== undefined && entries.length === 0)
        throw new LogError(
          'LOG_ANSWER',
          `${log.server.href} has an entry of this chart that cannot be read: ${unreadable.reason}`,
        );
    }
  }
  const requireConsistency = settings.has('requireConsistency');
  return reportOnChart(judgements, { requireConsistency, log: log.trusted, now });
}
