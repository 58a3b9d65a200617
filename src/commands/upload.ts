import { openArchive, type OpenedArchive } from '../chart/archive.ts';
import { differenceOf, parseChartYaml } from '../chart/metadata.ts';
import { requireIndexed, type NamedChart } from '../chart/named-chart.ts';
import { readSignedChart } from '../chart/signed-chart.ts';
import { judgeEntries } from '../cli/chart-entries.ts';
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
import { openLog, requireTrusted, type OpenedLog } from '../cli/log.ts';
import { namedCharts, NAMING_CHARTS } from '../cli/named-charts.ts';
import type { Printer } from '../cli/printer.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { LogError, RejectedError, type Diagnosis } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { emailOf } from '../openpgp/certificate.ts';
import { judgeSignerAt, type Signer } from '../openpgp/key-lifetime.ts';
import { minimiseCertificate, type MinimisedCertificate } from '../openpgp/minimise.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { GatheredEntry } from '../rekor/gathered-entry.ts';
import { predictLeaves, proposedEntry, type PredictedEntry } from '../rekor/helm-entry.ts';
import { lookUpExisting } from '../rekor/lookup.ts';
import { lines, unverifiedText } from '../render/chart-text.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { diagnosisOf } from '../render/diagnosis.ts';
import { chartMembers, logMembers } from '../render/json.ts';
import { uploadedText, type UploadOutcome } from '../render/upload-text.ts';
import { isLocallyGood, judgeChart } from '../verification/chart-checks.ts';
import { reportOnChart, type ChartReport } from '../verification/chart-report.ts';

export const upload: CommandDefinition = {
  arguments: '[chart...]',
  description:
    "Puts the provenance (CHART.tgz.prov) of each chart and the least of its signer's public key on the\n" +
    'transparency log, for good, and checks what the log answers. Uploading a chart again is harmless.\n\n' +
    NAMING_CHARTS,
  examples: ['upload hello-0.1.0.tgz', 'upload *.tgz --rekor-server https://rekor.example.com'],
  options: [
    'rekorServer',
    'keyring',
    'publicKey',
    'fingerprint',
    'allowWeak',
    'fromFile',
    'chartsDir',
    'rekorPublicKey',
    'trustedRoot',
    'firstUse',
    'caFile',
    'timeout',
    'output',
  ],
  run: uploadCharts,
};

/** What became of a chart: its report is about the entry that was made, or was there already. */
interface Uploaded {
  readonly outcome: UploadOutcome;
  readonly report: ChartReport;
}

interface Session {
  readonly log: OpenedLog;
  readonly keyring: Keyring;
  readonly demands: Demands;
  readonly context: Context;
  /** The paths of the charts that were given to the log, whatever it answered. */
  readonly sent: Set<string>;
}

async function uploadCharts(
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
    const session: Session = { log, keyring, demands, context, sent: new Set() };
    const answer = await answerForCharts(charts, context, show, {
      good: 'logged',
      work: async (chart): Promise<ChartResult> => {
        const { outcome, report } = await uploadChart(chart, session);
        const diagnosis = diagnosisOf(report, chart.path, server);
        const members = { outcome, ...chartMembers(report, server) };
        return diagnosis === undefined
          ? { text: uploadedText(outcome, report, server), members }
          : { text: unverifiedText(report, chart.path), members, diagnosis };
      },
      settle: () => log.history.remember(),
      whenStopped: ({ path }) => (session.sent.has(path) ? inDoubt(path) : undefined),
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

/** Sends nothing before every local check passed, and believes nothing before the log proved it. */
async function uploadChart(named: NamedChart, session: Session): Promise<Uploaded> {
  const { log, keyring, context, sent } = session;
  const { path } = named;
  const demands = demandsFor(named, session.demands);
  const signed = await readSignedChart(path);
  requireIndexed(named, signed.archive);
  const signers = acceptableSigners(signed.provenance, keyring, demands);
  const evidence = chartEvidence(signed, signers, demands);
  const { provenance } = signed;
  const chart = await judgeChart(evidence, context.now());
  const client = log.connect();
  const report = async (gathered: readonly GatheredEntry[]): Promise<ChartReport> => {
    const now = context.now();
    const entries = isLocallyGood(chart)
      ? await judgeEntries(gathered, { evidence, signature: chart.signature }, { log, client }, now)
      : [];
    const judgements = { chart, signedAt: provenance.signature.created, entries, foreign: [] };
    return reportOnChart(judgements, { requireConsistency: false, log: log.trusted, now });
  };
  if (!isLocallyGood(chart)) return { outcome: 'refused', report: await report([]) };
  // Only now: whether an archive can be opened says less than whether it is the one that was signed.
  requireOneChart(path, await openArchive(path), provenance);

  requireTrusted(log);
  const { certificate, signer } = chart.signature;
  const predicted = predictLeaves(provenance, certificate, signer.signingFingerprint);
  const present = await report((await log.leaves.lookUp(client, leafHashesOf(predicted))).entries);
  if (present.verdict === 'verified') return { outcome: 'exists', report: present };
  // A log that contradicts what it showed before is given nothing.
  const isContradicted = present.checks.some(
    ({ id, outcome }) => id === 'consistency' && outcome === 'failed',
  );
  if (isContradicted) return { outcome: 'refused', report: present };

  requireLivingKey(path, signer, [provenance.signature.created, context.now()]);
  const minimised = minimiseCertificate(certificate, provenance.signature, signer.signingFingerprint);
  if ('refused' in minimised)
    throw new LogError('LOG_REFUSED', `a log would refuse ${path}: ${minimised.refused}`);
  announce(path, minimised, session);
  sent.add(path);
  const created = await client.createEntry(proposedEntry(provenance.bytes, minimised.bytes));
  if (created.status === 'created') {
    const asked = leafHashesOf(predicted.filter(({ form }) => form === 'minimised'));
    const made = await report([{ ...created, asked, source: 'predicted' }]);
    return { outcome: made.verdict === 'verified' ? 'created' : 'unproven', report: made };
  }
  const existing = await report((await lookUpExisting(client, created.id)).entries);
  if (existing.verdict === 'verified') return { outcome: 'exists', report: existing };
  throw new LogError(
    'LOG_ANSWER',
    `${log.server.href} says that it has ${path} already, as ${created.id.text}, and shows no entry that verifies`,
  );
}

/** What is to be said of a chart whose upload was interrupted too late to stop it. */
function inDoubt(path: string): Diagnosis {
  return {
    code: 'UNCHECKED',
    message: `${path} was sent, and interrupted before the log proved that it has it`,
    hint: 'upload it again, which does no harm',
  };
}

function leafHashesOf(predicted: readonly PredictedEntry[]): string[] {
  return predicted.map(({ leafHash }) => leafHash);
}

/** Archive and signed text must speak of one chart, or people would find an entry of another. */
function requireOneChart(path: string, archive: OpenedArchive, provenance: Provenance): void {
  const difference = differenceOf(
    parseChartYaml(archive.chartYaml, `Chart.yaml in ${path}`),
    parseChartYaml(provenance.document.metadata, `the signed text of ${path}`),
  );
  if (difference !== undefined) throw new RejectedError(`${path}: ${difference}`);
}

/** An entry that is made now with a key that is dead now could never verify. */
function requireLivingKey(path: string, signer: Signer, times: readonly number[]): void {
  for (const time of times) {
    const judged = judgeSignerAt(signer, time);
    if (!judged.ok)
      throw new RejectedError(
        `${path} cannot be logged: ${judged.reason}`,
        'sign the chart again with a key that is good today',
      );
  }
}

/** Says what becomes public, before it does. */
function announce(path: string, { userId }: MinimisedCertificate, { log, context }: Session): void {
  const email = userId === undefined ? undefined : emailOf(userId);
  const what =
    email === undefined
      ? 'the public key of its signer'
      : `its signer's public key and e-mail address ${email}`;
  context.stderr.write(
    lines([`Publishing the signature of ${path}, ${what} on ${log.server.href}, for good`]),
  );
}
