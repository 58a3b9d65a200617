import type { Diagnosis } from '../errors.ts';
import type { ExitStatus } from './exit-status.ts';

/** The result of one chart, or one event of a monitor. */
export interface ShownResult {
  /** Of this alone. */
  readonly status: ExitStatus;
  /** Lines for stdout. */
  readonly text: readonly string[];
  /** For JSON. The first of a result that is about a chart is `chart`, its label. */
  readonly members: Readonly<Record<string, unknown>>;
  /** For stderr. */
  readonly diagnosis?: Diagnosis;
  /** One of many with the same result: text output counts these together at the end. */
  readonly isOnlyCounted?: boolean;
}

/** The result of one chart, with its label. */
export interface LabelledResult extends ShownResult {
  readonly members: ShownResult['members'] & { readonly chart: string };
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
