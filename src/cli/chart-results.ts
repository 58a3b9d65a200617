import type { Diagnosis } from '../errors.ts';
import type { Answer } from './command.ts';
import type { Context } from './context.ts';
import { diagnose, statusOf } from './diagnose.ts';
import { worstStatus } from './exit-status.ts';

/** What came of one chart of several. Its status is 0 unless there is a diagnosis. */
export interface ChartResult {
  readonly text: string;
  /** For JSON, beside the chart's path. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly diagnosis?: Diagnosis | undefined;
}

/**
 * Runs `work` for one chart after the other. One bad chart does not stop the rest; the status is that of the
 * worst. `document` holds the results in the order of the paths.
 */
export async function answerForCharts(
  paths: readonly string[],
  { env }: Context,
  work: (path: string) => Promise<ChartResult>,
): Promise<Answer> {
  const results: ChartResult[] = [];
  for (const path of paths) {
    const result = await work(path).catch((thrown: unknown): ChartResult => {
      const { stack, ...diagnosis } = diagnose(thrown, env['HELM_DEBUG'] === 'true');
      return {
        text: '',
        members: { error: diagnosis },
        diagnosis: { ...diagnosis, ...(stack && { stack }) },
      };
    });
    results.push({ ...result, members: { chart: path, ...result.members } });
  }
  const diagnoses = results.flatMap(({ diagnosis }) => diagnosis ?? []);
  return {
    status: worstStatus(diagnoses.map(statusOf)),
    text: results
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join('\n'),
    document: { results: results.map(({ members }) => members) },
    diagnoses,
  };
}
