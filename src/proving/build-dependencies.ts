import { buildListOf, type BuildList } from '../chart/dependencies/build-list.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import { replaceArchives, type JudgedArchive } from '../chart/dependencies/charts-folder.ts';
import { mendCharts } from '../chart/dependencies/charts-workshop.ts';
import { PublishedDependency } from '../chart/dependencies/published-dependency.ts';
import type { Answer } from '../cli/answer.ts';
import type { Printer } from '../cli/printer.ts';
import type { Requirements } from '../policy/requirements.ts';
import { verifyResult } from '../render/chart-result.ts';
import { diagnosisOf } from '../render/diagnosis.ts';
import { isPassed } from '../render/ruling-text.ts';
import type { RunContext } from '../run/context.ts';
import { readRepositories } from '../run/repositories.ts';
import type { KeyringOption, LogOption, RegistryOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { evidenceOf } from './found-evidence.ts';
import { answerWithLog } from './proving-run.ts';
import { ReferencedCharts } from './referenced-charts.ts';
import { chartVerifier } from './verify-chart.ts';

/** What is read of settings. */
type BuildSettings = Settings<
  LogOption | KeyringOption | RegistryOption | 'certFile' | 'keyFile' | 'verbose'
>;

/**
 * Fetches the charts that the lock of an unpacked chart lists, verifies them, and makes its `charts/` of them. If one of them is
 * not verified, `charts/` stays as it was.
 * @throws UsageError or InputError as `answerWithLog` does, and InputError if `charts/` cannot be written
 */
export async function buildDependencies(
  directory: string,
  requirements: Requirements,
  settings: BuildSettings,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  await mendCharts(directory);
  const elsewhere = await ReferencedCharts.open(settings.lacking<'version' | 'repo' | 'devel'>(), context);
  try {
    const list = await buildListOf(
      directory,
      () => readRepositories(context),
      (dependency) => elsewhere.dependency(dependency),
    );
    return await build(directory, list, requirements, settings, context, show);
  } finally {
    await elsewhere.close();
  }
}

async function build(
  directory: string,
  { charts, replaced }: BuildList,
  requirements: Requirements,
  settings: BuildSettings,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const judged: JudgedArchive[] = [];
  const answer = await answerWithLog(charts, settings, context, show, (run) => {
    const verify = chartVerifier({ ...run, looksInside: 'chart' }, requirements, evidenceOf);
    return {
      good: 'verified',
      // Nothing is written before all of them are verified.
      keepsFetched: true,
      work: async (chart: ChartFiles) => {
        if (!(chart instanceof PublishedDependency)) throw new Error(`${chart.label} is of no repository`);
        const verified = await verify(chart);
        if (verified.report.verdict === 'verified' && verified.judged !== undefined) {
          const { chunks } = await chart.archive();
          const { sha256 } = verified.judged.evidence.archive;
          judged.push({ fileName: chart.fileName, sha256, label: chart.label, chunks });
        }
        const { server } = run.log;
        const result = verifyResult(verified, { server: server.href }, settings.has('verbose'));
        if (!isPassed(verified.report)) return result;
        // What a policy lets pass is not proven, and does not get into charts/.
        const diagnosis = diagnosisOf(verified.report, chart.label, server.href);
        return { text: result.text, members: result.members, ...(diagnosis && { diagnosis }) };
      },
    };
  });
  const isComplete = answer.status === 0 && judged.length === charts.filter(isPublished).length;
  if (isComplete && judged.length + replaced.length > 0) await replaceArchives(directory, judged, replaced);
  const built = { directory, written: isComplete ? judged.map(({ fileName }) => fileName).sort() : [] };
  return { ...answer, text: builtText(built, isComplete), document: { ...answer.document, built } };
}

function isPublished(chart: object): boolean {
  return chart instanceof PublishedDependency;
}

function builtText(
  { directory, written }: { readonly directory: string; readonly written: readonly string[] },
  isComplete: boolean,
): string[] {
  if (!isComplete) return [`Not Written: ${directory}/charts is as it was`];
  return written.map((file) => `Written: ${directory}/charts/${file}`);
}
