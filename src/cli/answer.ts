import type { Diagnosis } from '../errors.ts';
import type { ExitStatus } from './exit-status.ts';

/** The result of one chart. */
export interface ShownResult {
  /** Of this chart alone. */
  readonly status: ExitStatus;
  /** Lines for stdout. */
  readonly text: readonly string[];
  /** For JSON, beside the chart's label. */
  readonly members: Readonly<Record<string, unknown>> & { readonly chart: string };
  /** For stderr. */
  readonly diagnosis?: Diagnosis;
  /** One of many with the same result: text output counts these together at the end. */
  readonly isOnlyCounted?: boolean;
}

/** What a run says at its end, in every output form, without the results that it showed before. */
export interface Answer {
  readonly status: ExitStatus;
  /** Lines for stdout. */
  readonly text: readonly string[];
  /** For stdout in JSON, below `schema`, `command` and `status` (docs/json.md). */
  readonly document: Readonly<Record<string, unknown>>;
  /** Lines for stderr when the answer is text: the counts of all charts. */
  readonly summary?: readonly string[];
  /** For stderr. */
  readonly diagnoses?: readonly Diagnosis[];
  /** The exit status of a program that answered in place of this one, whatever it means. */
  readonly passedOn?: number;
}
