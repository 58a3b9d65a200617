import type { NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import type { ChartWork } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { startProgress } from '../cli/progress.ts';
import { endRun, type MirrorState } from '../mirror/end-of-run.ts';
import { KeptKeys } from '../mirror/kept-keys.ts';
import { isOfRoot, keyFiles, rootFile } from '../mirror/kept-trust.ts';
import { MirrorDirectory } from '../mirror/mirror-directory.ts';
import { Mirror, type KeptChart } from '../mirror/mirror.ts';
import { mirrorMembers, mirrorText } from '../render/mirror-text.ts';
import type { RunContext } from '../run/context.ts';
import { findSigstoreTrust } from '../run/sigstore-trust.ts';
import type { OpenedLog } from '../run/log.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { MirrorRun } from './mirror-chart.ts';
import { answerWithLog } from './proving-run.ts';

/** What a run over a mirror gathers. */
interface Gathered {
  log: OpenedLog | undefined;
  readonly kept: KeptChart[];
  readonly keys: KeptKeys;
  readonly logIds: Set<string>;
  isRootUsed: boolean;
}

/**
 * Does the work for each chart with a mirror, the log and the keyring that the settings name, and then ends the mirror:
 * whatever came of the charts, what is in it is listed.
 * @param path the directory of the mirror
 * @throws InputError if the directory is no mirror, and none can be made of it
 * @throws UsageError, InputError as `answerWithLog` does
 */
export async function answerWithMirror(
  path: string,
  charts: NamedCharts,
  settings: Settings<LogOption | KeyringOption>,
  context: RunContext,
  show: Printer['show'],
  workOf: (run: MirrorRun & { readonly kept: KeptChart[] }) => Omit<ChartWork, 'settle'>,
): Promise<Answer> {
  const directory = await MirrorDirectory.open(path);
  try {
    if (!directory.isLocked)
      context.stderr.warn(
        `nothing keeps another run from writing to ${path} now: there are no locks (on Linux they need the program flock, and a file system that has locks)`,
      );
    const mirror = new Mirror(directory);
    const gathered: Gathered = {
      ...{ log: undefined, kept: [], keys: new KeptKeys(), logIds: new Set(), isRootUsed: false },
    };
    const countRoot = () => {
      gathered.isRootUsed = true;
    };
    const answer = await answerWithLog(charts, settings, context, show, (run) => {
      gathered.log = run.log;
      return workOf({ ...run, ...gathered, log: run.log, mirror, countRoot });
    });
    return ended(answer, path, await endVisibly(directory, gathered, settings, context), context);
  } finally {
    await directory.close();
  }
}

async function endVisibly(
  directory: MirrorDirectory,
  { log, kept, keys, logIds, isRootUsed }: Gathered,
  settings: Settings<LogOption>,
  context: RunContext,
): Promise<MirrorState> {
  const trusted = logIds.size > 0 ? log?.trusted : undefined;
  const isRootKept = isRootUsed || isOfRoot(trusted);
  const trust = [
    ...(trusted === undefined ? [] : keyFiles(trusted, logIds)),
    ...(isRootKept ? [rootFile((await findSigstoreTrust(settings, context)).json)] : []),
  ];
  const progress = startProgress(context);
  const total = directory.before.charts.length;
  try {
    return await endRun(directory, { kept, keys, trust }, (seen) => {
      progress.show(`looked at ${seen} of ${total} charts that were there before`);
    });
  } finally {
    progress.clear();
  }
}

function ended(answer: Answer, directory: string, state: MirrorState, { stderr }: RunContext): Answer {
  for (const archive of state.gone)
    stderr.warn(`${archive} was taken out of ${directory}, and is not in its manifest any more`);
  const problems = state.problems.map((problem) => diagnose(problem));
  const shown = { ...state, directory };
  return {
    ...answer,
    status: worstStatus([answer.status, ...problems.map(statusOf)]),
    text: mirrorText(shown),
    document: { ...answer.document, ...mirrorMembers(shown) },
    diagnoses: [...(answer.diagnoses ?? []), ...problems],
  };
}
