import type { NamedChart } from '../chart/chart-files.ts';
import type { Diagnosis } from '../errors.ts';
import type { LabelledResult } from './answer.ts';
import { statusOf } from './diagnose.ts';

/** What was named, for JSON. */
export function namedMembers(chart: NamedChart): { readonly chart: string } {
  return { chart: chart.label, ...('dependency' in chart && { dependency: chart.dependency }) };
}

/** The result of a chart that could not be judged. @param members what was found out before the error */
export function failedResult(chart: NamedChart, diagnosis: Diagnosis, members: object = {}): LabelledResult {
  const { code, message, hint } = diagnosis;
  const error = { code, message, ...(hint !== undefined && { hint }) };
  return {
    status: statusOf(diagnosis),
    text: [],
    members: { ...namedMembers(chart), error, ...members },
    diagnosis,
  };
}
