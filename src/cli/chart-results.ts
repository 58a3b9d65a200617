import type { NamedChart } from '../chart/named-chart.ts';
import type { Diagnosis } from '../errors.ts';
import { ChartCounts } from './chart-counts.ts';
import type { Answer, ShownResult } from './command.ts';
import type { Context } from './context.ts';
import { diagnose, statusOf } from './diagnose.ts';
import { inOrder } from './in-order.ts';
import type { Printer } from './printer.ts';
import { startProgress } from './progress.ts';

/** What came of one chart of several. Its status is 0 unless there is a diagnosis. */
export interface ChartResult {
  readonly text: string;
  /** For JSON, beside the chart's path. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly diagnosis?: Diagnosis | undefined;
}

/** What a command does with each chart. */
export interface ChartWork {
  /** What a chart without a diagnosis is, for people: "verified". */
  readonly good: string;
  /** Several charts are in work at a time. */
  readonly work: (chart: NamedChart) => Promise<ChartResult>;
  /** Done before a result is shown, for one chart at a time. */
  readonly settle?: () => Promise<void>;
  /** What to say of a chart that an interruption stopped; undefined: no more than that. */
  readonly whenStopped?: (chart: NamedChart) => Diagnosis | undefined;
}

/**
 * While the log answers for some charts, others are read and judged. With more of them each would only wait longer for
 * its turn, as one core does all that is not waiting.
 */
const AT_A_TIME = 16;

/**
 * Does the work for each chart, some at a time, and shows the results in the order of the charts, as they come. One bad
 * chart does not stop the rest; the status is that of the worst. After an interruption nothing is begun, and what did
 * not succeed was stopped: whatever is wrong with it may come of that. Nor is anything begun that nobody would hear of.
 */
export async function answerForCharts(
  charts: readonly NamedChart[],
  context: Context,
  show: Printer['show'],
  { good, work, settle, whenStopped }: ChartWork,
): Promise<Answer> {
  const { interrupted, stdout } = context;
  const counts = new ChartCounts();
  const progress = startProgress(context);
  let finished = 0;
  let stopped = 0;

  const resultFor = async (chart: NamedChart): Promise<ShownResult> => {
    const isOver = interrupted.aborted || stdout.isClosed;
    const result = isOver ? undefined : await attempt(chart, work, context, charts.length > 1);
    finished += 1;
    if (charts.length > 1) progress.show(`${finished} of ${charts.length} charts done`);
    if (result !== undefined && (result.status === 0 || !interrupted.aborted)) return result;
    const told = whenStopped?.(chart);
    const message = `${chart.path} was not ${good}: interrupted`;
    const isOnlyCounted = told === undefined && charts.length > 1;
    return { ...failure(chart, told ?? { code: 'UNCHECKED', message }), isOnlyCounted };
  };

  for await (const result of inOrder(charts, AT_A_TIME, resultFor)) {
    await settle?.();
    counts.add(result.status);
    if (result.isOnlyCounted) stopped += 1;
    // Where results go elsewhere, the line can stay.
    if (stdout.isTerminal || result.diagnosis !== undefined) progress.clear();
    show(result);
  }
  progress.clear();
  const answer = { status: counts.worst, text: '', document: { counts: counts.members } };
  // As programs end whose reader has seen enough.
  if (stdout.isClosed) return answer;
  const message = `interrupted before ${stopped} of ${charts.length} charts were ${good}`;
  return {
    ...answer,
    ...(charts.length > 1 && { summary: counts.inWords(good) }),
    ...(stopped > 0 && { diagnoses: [{ code: 'UNCHECKED', message }] }),
  };
}

async function attempt(
  chart: NamedChart,
  work: ChartWork['work'],
  { env }: Context,
  isOneOfSeveral: boolean,
): Promise<ShownResult> {
  try {
    if (chart.problem !== undefined) throw chart.problem;
    const { text, members, diagnosis } = await work(chart);
    const status = diagnosis === undefined ? 0 : statusOf(diagnosis);
    return { status, text, members: { chart: chart.path, ...members }, ...(diagnosis && { diagnosis }) };
  } catch (thrown) {
    const diagnosis = diagnose(thrown, env['HELM_DEBUG'] === 'true');
    const isUnclear = isOneOfSeveral && !diagnosis.message.includes(chart.path);
    const message = isUnclear ? `${chart.path}: ${diagnosis.message}` : diagnosis.message;
    return failure(chart, { ...diagnosis, message });
  }
}

/** The result of a chart that could not be judged. */
function failure({ path }: NamedChart, diagnosis: Diagnosis): ShownResult {
  const { code, message, hint } = diagnosis;
  const error = { code, message, ...(hint !== undefined && { hint }) };
  return { status: statusOf(diagnosis), text: '', members: { chart: path, error }, diagnosis };
}
