import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { RenderedChart } from '../render/chart-result.ts';
import { isPassed } from '../render/ruling-text.ts';
import type { RunContext } from '../run/context.ts';
import type { KeyringOption, LogOption, VerifyingOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import type { BundleFlags } from './asked-bundles.ts';
import { requirementsWithConsistency } from './chart-evidence.ts';
import { evidenceFinder } from './found-evidence.ts';
import { withCharts, type Naming } from './named-charts.ts';
import { answerWithLog, type ProvingRun } from './proving-run.ts';
import type { VerifiedChart } from './evidence-verifier.ts';
import { chartVerifier, type ChartVerifier } from './verify-chart.ts';

/** What a command shows of charts that were verified. */
export interface Showing extends Pick<ProvingRun, 'looksInside'> {
  /** What flags say of Sigstore bundles; undefined: nothing. */
  readonly bundles?: BundleFlags | undefined;
  /** What a chart is that passes, in one word: "verified". */
  readonly good: string;
  /** What is shown of a chart. */
  readonly resultOf: (verified: VerifiedChart, shown: ShownChart) => RenderedChart | Promise<RenderedChart>;
}

/** What is known of a chart beside its verdict. */
export interface ShownChart {
  readonly chart: ChartFiles;
  /** The URL of the log. */
  readonly server: string;
  /** What flags require of every chart. */
  readonly general: Requirements;
}

/**
 * Verifies the charts that a command line names: by a log, or offline by the evidence beside them alone, as the settings say; under
 * the policy of the run, if it has one.
 * @param showing what is shown of each; and whether a chart that is a directory stands for the charts that it needs
 * @throws UsageError or InputError as `withCharts`, `answerWithLog` and `answerOffline` do
 */
export async function answerForNamed(
  operands: readonly string[],
  showing: Showing & Pick<Naming, 'takesUnpacked' | 'reaching'>,
  settings: Settings<VerifyingOption>,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const signedName = settings.one('as');
  const general = {
    ...requirementsWithConsistency(settings, signedName),
    ...showing.bundles?.required,
  };
  const accepted = settings.has('offline') ? 'files' : 'all';
  const { takesUnpacked, reaching } = showing;
  const naming = { signedName, accepted, takesUnpacked, reaching } as const;
  return await withCharts(operands, settings, context, naming, (charts) =>
    answerVerified({ charts, general, ...showing }, settings, context, show),
  );
}

/** The same for charts that were found. */
export async function answerVerified(
  {
    charts,
    general,
    good,
    resultOf,
    looksInside,
    bundles,
  }: Showing & { readonly charts: NamedCharts; readonly general: Requirements },
  settings: Settings<LogOption | KeyringOption | 'evidence' | 'offline'>,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const findEvidence = evidenceFinder(settings, charts, context);
  const workOf = (verifyByLog: ChartVerifier, server: string) => {
    const isOffline = settings.has('offline');
    const verifyChart = orByBundles(verifyByLog, { general, bundles, isOffline }, settings, context);
    return {
      good,
      work: async (chart: ChartFiles) => await resultOf(await verifyChart(chart), { chart, server, general }),
    };
  };
  // Where bundles alone decide, no log is asked, and no keyring is read.
  if (bundles?.required.kinds === 'bundle')
    return await answerForCharts(charts, context, show, workOf(notAsked, ''));
  if (!settings.has('offline'))
    return await answerWithLog(charts, settings, context, show, (run) =>
      workOf(chartVerifier({ ...run, looksInside }, general, findEvidence), run.log.server.href),
    );
  const { answerOffline } = await import('./answer-offline.ts');
  const verifying = { charts, general, findEvidence, looksInside };
  return await answerOffline(verifying, settings, context, show, workOf);
}

function notAsked(): never {
  throw new Error('a log was to be asked where bundles alone decide');
}

/** What is asked of every chart of a run. */
export interface AskedOfCharts {
  readonly general: Requirements;
  /** What flags say of Sigstore bundles; undefined: nothing. */
  readonly bundles: BundleFlags | undefined;
  /** Whether no log may be asked. */
  readonly isOffline: boolean;
}

/**
 * The same verifier, where Sigstore bundles may decide as well. What judges them is loaded where flags or the policy name
 * their signers, and for a chart without provenance, or one that passes unproven, which may have one.
 */
export function orByBundles(
  verify: ChartVerifier,
  { general, bundles, isOffline }: AskedOfCharts,
  settings: Settings<LogOption>,
  context: RunContext,
): ChartVerifier {
  const rules = context.policy?.policy.rules ?? [];
  const areNamed =
    bundles !== undefined ||
    rules.some(({ signedBy }) => signedBy.some(({ kind }) => kind === 'identity' || kind === 'key'));
  let loading: ReturnType<typeof byBundles> | undefined;
  const byBundles = async () => {
    const { withBundles } = await import('./with-bundles.ts');
    return withBundles(verify, bundles, general, settings, context, isOffline);
  };
  return async (chart) => {
    let known: VerifiedChart | undefined;
    try {
      if (!areNamed) {
        known = await verify(chart);
        if (!isPassed(known.report) || (await chart.bundles()).length === 0) return known;
      }
    } catch (error) {
      if (!isWithoutProvenance(error) || (await chart.bundles()).length === 0) throw error;
    }
    return await (
      await (loading ??= byBundles())
    )(chart, known);
  };
}
