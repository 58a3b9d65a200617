import {
  hasFiles,
  withChart,
  type ChartFiles,
  type NamedChart,
  type NamedCharts,
} from '../chart/chart-files.ts';
import type { Audience, Diagnosis, SigstoreError } from '../errors.ts';
import { ByteBudget } from './byte-budget.ts';
import { ChartCounts, type GoodWords } from './chart-counts.ts';
import type { Answer, LabelledResult } from './answer.ts';
import { failedResult, namedMembers } from './failed-chart.ts';
import { diagnose, isDebugging, statusOf } from './diagnose.ts';
import { inOrder } from './in-order.ts';
import type { Printer } from './printer.ts';
import type { Outputs } from './output.ts';
import { startProgress, type Watched } from './progress.ts';

/** The result of one of several charts. Its status is 0 unless there is a diagnosis or an error. */
interface ChartResult {
  /** Lines for stdout. */
  readonly text: readonly string[];
  /** For JSON, beside the chart's label. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly diagnosis?: Diagnosis | undefined;
  /** Why there is no verdict; the members may still say what was found out. */
  readonly error?: SigstoreError | undefined;
  /** Whether it is good, and nothing had to be done. */
  readonly wasThere?: boolean;
}

/** What a command does with each chart. */
export interface ChartWork extends GoodWords {
  /** Several charts are in work at a time. */
  readonly work: (chart: ChartFiles) => Promise<ChartResult>;
  /** Whether what is fetched of a chart is needed when the others are done; else it is removed after the work. */
  readonly keepsFetched?: boolean;
  /** Done before a result is shown, for one chart at a time. */
  readonly settle?: () => Promise<void>;
  /** What to say of a chart that an interruption stopped; undefined: only that it was interrupted. */
  readonly whenStopped?: (chart: NamedChart) => Diagnosis | undefined;
}

/** What this needs from a run. */
interface Surroundings extends Outputs, Watched {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interrupted: AbortSignal;
  readonly takeTime: () => void;
  readonly saveMemory: () => void;
  readonly optimiseLater: () => void;
  readonly audience?: Audience | undefined;
}

/**
 * How many charts are in work at a time: while the log answers for some, others are read and judged. One core
 * does all of the judging, so with more charts each would only wait longer.
 */
const AT_A_TIME = 16;

/**
 * Bytes of provenance files in work at a time. Usual files have a few thousand bytes, so this delays none of
 * them. A hostile one may have millions, and takes several times as much memory while it is judged.
 */
const BYTES_AT_A_TIME = 4 << 20;

/**
 * Does the work for each chart, some at a time, and shows each result in the order of the charts as soon as
 * it is known. One bad chart does not stop the rest; the status is that of the worst. After an interruption
 * no chart is begun, and one that did not succeed counts as interrupted, because its error may come from
 * that. No chart is begun either when the reader of the output has gone away.
 */
export async function answerForCharts(
  charts: NamedCharts,
  context: Surroundings,
  show: Printer['show'],
  { work, keepsFetched = false, settle, whenStopped, ...words }: ChartWork,
): Promise<Answer> {
  const { interrupted, stdout, takeTime } = context;
  const { good } = words;
  const counts = new ChartCounts(words);
  const progress = startProgress(context);
  if (charts.length > SEVERAL) context.optimiseLater();
  if (charts.length > MANY) context.saveMemory();
  const budget = new ByteBudget(BYTES_AT_A_TIME);
  let finished = 0;
  let underWay = 0;
  let stopped = 0;
  const namesOfStopped: string[] = [];

  const resultFor = async (chart: NamedChart): Promise<CountedResult> => {
    const attempted = async () => {
      if (interrupted.aborted || stdout.isClosed) return undefined;
      const attempting = () => attempt(chart, work, context, charts.length > 1);
      underWay += 1;
      const attempted = keepsFetched ? await attempting() : await withChart(chart, attempting);
      underWay -= 1;
      return attempted;
    };
    const result =
      charts.length > 1 && hasFiles(chart)
        ? await budget.spend(await chart.provenanceSize(), attempted)
        : await attempted();
    finished += 1;
    // What is left is to name the charts that were not begun, of which there may be many.
    if (interrupted.aborted && underWay === 0) takeTime();
    if (charts.length > 1) progress.show(`${finished} of ${charts.length} charts done`);
    if (result !== undefined && (result.status === 0 || !interrupted.aborted)) return result;
    const told = whenStopped?.(chart);
    const message = `${chart.label} was not ${good}: interrupted`;
    const isOnlyCounted = told === undefined && charts.length > 1;
    return { ...failedResult(chart, told ?? { code: 'UNCHECKED', message }), isOnlyCounted };
  };

  for await (const result of inOrder(charts, AT_A_TIME, resultFor)) {
    await settle?.();
    counts.add(result.status, result.wasThere);
    if (result.isOnlyCounted) {
      stopped += 1;
      if (stopped <= SCREENFUL) namesOfStopped.push(result.members.chart);
    }
    // The line of progress can stay if the results go to a file or a pipe.
    if (stdout.isTerminal || result.diagnosis !== undefined) progress.clear();
    await show(result);
  }
  progress.clear();
  const answer = { status: counts.worst, text: [], document: { counts: counts.members } };
  // The reader of the output has gone away, so nothing more is said.
  if (stdout.isClosed) return answer;
  const message = `interrupted before ${stopped} of ${charts.length} charts were ${good}`;
  const summary = [
    ...namesOfStopped.map((name) => `Not ${good}: ${name}`),
    ...(stopped > SCREENFUL ? [`and ${stopped - SCREENFUL} more`] : []),
    counts.inWords,
  ];
  return {
    ...answer,
    ...(charts.length > 1 && { summary }),
    ...(stopped > 0 && { diagnoses: [{ code: 'UNCHECKED', message }] }),
  };
}

/** So many charts take longer than V8 needs to optimise the code that judges them. */
const SEVERAL = 50;

/** More charts than this leave more garbage than a process may hold; to save memory takes a tenth more time. */
const MANY = 2000;

/** The most names that fit on a small terminal, with the lines around them. */
const SCREENFUL = 20;

interface CountedResult extends LabelledResult {
  readonly wasThere?: boolean;
}

async function attempt(
  chart: NamedChart,
  work: ChartWork['work'],
  { env, audience }: Surroundings,
  isOneOfSeveral: boolean,
): Promise<CountedResult> {
  const failureOf = (thrown: unknown, members: ChartResult['members'] = {}) => {
    const diagnosis = diagnose(thrown, isDebugging({ env }), audience);
    const isUnclear = isOneOfSeveral && !diagnosis.message.includes(chart.label);
    const named = { ...diagnosis, message: `${chart.label}: ${diagnosis.message}` };
    return failedResult(chart, isUnclear ? named : diagnosis, members);
  };
  try {
    if ('nothing' in chart) return nothingToProve(chart);
    if (!hasFiles(chart)) throw chart.problem;
    const { text, members, diagnosis, error, wasThere = false } = await work(chart);
    if (error !== undefined) return failureOf(error, members);
    const status = diagnosis === undefined ? 0 : statusOf(diagnosis);
    return {
      status,
      text,
      members: { ...namedMembers(chart), ...members },
      ...(diagnosis && { diagnosis }),
      wasThere,
    };
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function nothingToProve({
  label,
  nothing,
}: Extract<NamedChart, { readonly nothing: string }>): CountedResult {
  return { status: 0, text: [`${nothing}: ${label}`], members: { chart: label, dependencies: [] } };
}
