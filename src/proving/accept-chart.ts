import { join } from 'node:path';
import { findArchive } from '../chart/archive.ts';
import type { ChartFiles, NamedBundles, NamedCharts } from '../chart/chart-files.ts';
import { parseChartYaml } from '../chart/metadata.ts';
import type { Answer, ShownResult } from '../cli/answer.ts';
import type { Sha256 } from '../digest.ts';
import { InputError, messageOf, SigstoreError, UsageError } from '../errors.ts';
import { formatEvidence } from '../evidence/format.ts';
import { copyHashed } from '../files/hashed-copy.ts';
import { verifyResult } from '../render/chart-result.ts';
import type { ShownTo } from '../render/json.ts';
import { isPassed } from '../render/ruling-text.ts';
import type { RunContext } from '../run/context.ts';
import type { Login } from '../run/login.ts';
import type {
  ChartBundleOption,
  KeyringOption,
  LogOption,
  ReferenceOption,
  SignerOption,
} from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { answerVerified, type ShownChart } from './answer-verified.ts';
import { provingBundle, unjudgedProvenance } from './beside-accepted.ts';
import { requirementsWithConsistency } from './chart-evidence.ts';
import { givenBundleFlags } from './given-bundle-flags.ts';
import { withCharts } from './named-charts.ts';
import type { VerifiedChart } from './evidence-verifier.ts';

/** A chart that may be used: it is proven, or the policy lets it pass. */
export interface AcceptedChart {
  /** What the user called it. */
  readonly label: string;
  readonly verdict: 'verified' | 'warned' | 'pinned' | 'allowed';
  /** As the Chart.yaml in the archive says. */
  readonly name: string;
  readonly version: string;
  /** The name that its archive has where it is published: `NAME-VERSION.tgz`, no path. */
  readonly fileName: string;
  /** The path of a copy of the archive that nobody else can have changed: these are the bytes that were judged. */
  readonly archive: string;
  /** Of the copy. */
  readonly sha256: Sha256;
  /** The provenance; undefined: there is none, and the policy does not ask for one. */
  readonly provenance: Uint8Array | undefined;
  /** The bytes of an evidence file made of the log entry that proved it; undefined unless it is verified. */
  readonly evidence: Uint8Array | undefined;
  /** The file with the Sigstore bundle of its provenance that proved it; undefined unless one did. */
  readonly provenanceBundle: Uint8Array | undefined;
  /** The file with the Sigstore bundle that proved it; undefined unless one did. */
  readonly bundle: NamedBundles | undefined;
}

/** What became of one reference. */
export interface Acceptance {
  /** Undefined: the chart is refused, and the status of the answer is not 0. */
  readonly accepted: AcceptedChart | undefined;
  /** What `verify` shows of the chart. */
  readonly shown: readonly ShownResult[];
  /** The rest of what `verify` says, with its exit status. */
  readonly answer: Answer;
}

/** What is asked for. */
export interface AskedFor {
  /** A file, a URL, `repo/chart`, `oci://…`, or the name of a chart with `--repo`. */
  readonly reference: string;
  /** Which version of it, and how its server is spoken to. */
  readonly source: Settings<ReferenceOption>;
  /** A user and a password for that server, if they were given beside the reference. */
  readonly login?: Login | undefined;
  /** An existing directory of the user alone, into which a copy of the archive is put. */
  readonly directory: string;
  /** What the copy is called there; no path. */
  readonly copyName: string;
}

/** What is read of settings. */
export type AcceptingSettings = Settings<
  | LogOption
  | KeyringOption
  | SignerOption
  | ChartBundleOption
  | 'as'
  | 'evidence'
  | 'offline'
  | 'requireConsistency'
  | 'verbose'
>;

/**
 * Proves the one chart that a reference names and decides about it, as `verify` does: by the policy of the run, or by flags
 * where there is none. Only of a chart that is accepted, a copy of the archive is made; it is hashed while it is written, so
 * that it holds what was judged whatever became of its source since.
 * @throws UsageError if the reference is malformed, or no reference to one chart, or does not fit the options
 * @throws UsageError or InputError as `answerVerified` does
 */
export async function acceptChart(
  asked: AskedFor,
  settings: AcceptingSettings,
  context: RunContext,
): Promise<Acceptance> {
  const { reference, source, login } = asked;
  const signedName = settings.one('as');
  const naming = {
    signedName,
    accepted: settings.has('offline') ? 'files' : 'all',
    reaching: { login },
  } as const;
  const named = source.lacking<'fromFile' | 'chartsDir'>();
  return await withCharts([reference], named, context, naming, async (charts) => {
    requireOne(reference, charts);
    return await acceptFiles(charts, asked, settings, context);
  });
}

/** The same, of a chart that was found already. @param charts it alone @param copy with the command that explains a refusal, if it is known */
export async function acceptFiles(
  charts: NamedCharts,
  { explaining, ...copy }: Pick<AskedFor, 'directory' | 'copyName'> & Pick<ShownTo, 'explaining'>,
  settings: AcceptingSettings,
  context: RunContext,
): Promise<Acceptance> {
  const bundles = await givenBundleFlags(settings, context);
  const general = { ...requirementsWithConsistency(settings, settings.one('as')), ...bundles?.required };
  const accepted: AcceptedChart[] = [];
  const shown: ShownResult[] = [];
  const resultOf = async (verified: VerifiedChart, { chart, server }: ShownChart) => {
    const one = await acceptedOf(verified, chart, server, copy);
    if (one !== undefined) accepted.push(one);
    const result = verifyResult(verified, { server, explaining }, settings.has('verbose'));
    if (result.warning !== undefined) context.stderr.warn(result.warning);
    return result;
  };
  const show = (result: ShownResult) => {
    shown.push(result);
    return Promise.resolve();
  };
  const showing = { good: 'accepted', bundles, resultOf, looksInside: 'chart' } as const;
  const answer = await answerVerified({ charts, general, ...showing }, settings, context, show);
  return { accepted: answer.status === 0 ? accepted[0] : undefined, shown, answer };
}

/** A folder and an index stand for any number of charts, also if there is only one in it. */
function requireOne(reference: string, charts: NamedCharts): void {
  const [chart, another] = charts;
  const label = chart?.label;
  const isAlone = chart !== undefined && another === undefined && !('nothing' in chart);
  const isOther = chart !== undefined && 'isElsewhere' in chart && !chart.isElsewhere && label !== reference;
  if (!isAlone || isOther || (chart as Partial<ChartFiles>).isProvenanceAlone)
    throw new UsageError(`expected ${reference} to be one chart, found something else`);
}

/** The chart with its copy; undefined: it is not accepted. @throws InputError if the copy cannot be made */
async function acceptedOf(
  { report, archive, judged, provenanceBundle }: VerifiedChart,
  chart: ChartFiles,
  server: string,
  { directory, copyName }: Pick<AskedFor, 'directory' | 'copyName'>,
): Promise<AcceptedChart | undefined> {
  const { label } = chart;
  if (report.verdict !== 'verified' && !isPassed(report)) return undefined;
  const path = join(directory, copyName);
  // Whatever archive this is, it has the digest of what was judged.
  const sha256 = archive.sha256 as Sha256;
  await copyOf(chart, path, sha256);
  const { metadata } = await (await findArchive(path, { label })).open();
  const { name, version } = parseChartYaml(metadata, `Chart.yaml in ${label}`);
  const published = judged?.evidence.signedName ?? chart.expected?.signedName;
  return {
    label,
    verdict: report.verdict,
    name,
    version,
    fileName: requireFileName(published ?? `${name}-${version}.tgz`, label),
    archive: path,
    sha256,
    provenance: judged?.evidence.provenance.bytes ?? (await unjudgedProvenance(chart, sha256)),
    evidence:
      report.verdict === 'verified' && report.evidence.entry !== undefined
        ? formatEvidence({ log: server, entries: [report.evidence.entry] })
        : undefined,
    provenanceBundle,
    bundle: await provingBundle(report, chart),
  };
}

/** @throws InputError if the copy cannot be made, or would hold something else */
async function copyOf(chart: ChartFiles, path: string, sha256: Sha256): Promise<void> {
  let isSame: boolean;
  try {
    isSame = await copyHashed((await chart.archive()).chunks(), path, sha256);
  } catch (error) {
    if (error instanceof SigstoreError) throw error;
    throw new InputError(`cannot copy ${chart.label}: ${messageOf(error)}`, undefined, { cause: error });
  }
  if (!isSame) throw new InputError(`${chart.label} was changed while it was read`);
}

function requireFileName(name: string, label: string): string {
  if (/^[^./\\\0][^/\\\0]*$/.test(name)) return name;
  throw new InputError(`${label} has no name that a file could have: ${name}`);
}
