import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer, ShownResult } from '../cli/answer.ts';
import { UsageError } from '../errors.ts';
import { verifyResult } from '../render/chart-result.ts';
import type { ShownTo } from '../render/json.ts';
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
import { acceptedOf, type AcceptedChart } from './accepted-chart.ts';
import { answerVerified, type ShownChart } from './answer-verified.ts';
import { requirementsWithConsistency } from './chart-evidence.ts';
import { givenBundleFlags } from './given-bundle-flags.ts';
import { withCharts } from './named-charts.ts';
import type { VerifiedChart } from './evidence-verifier.ts';

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
