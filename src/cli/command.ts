import type { Diagnosis } from '../errors.ts';
import type { Context } from './context.ts';
import type { ExitStatus } from './exit-status.ts';
import type { OptionName } from './options.ts';
import type { Settings } from './settings.ts';

/** A sub-command: what it takes, what its help says, and what it does. */
export interface CommandDefinition {
  /** In the syntax of commander, such as `<chart...>`. */
  readonly arguments?: string;
  /** The text of its help, below the usage line. */
  readonly description: string;
  /** Command lines for the end of its help. */
  readonly examples: readonly string[];
  readonly options: readonly OptionName[];
  /** @param show takes what came of one chart of several, as soon as it is known */
  readonly run: (
    operands: readonly string[],
    settings: Settings,
    context: Context,
    show: (result: ShownResult) => void,
  ) => Promise<Answer>;
}

/** What came of one chart. */
export interface ShownResult {
  /** Of this chart alone. */
  readonly status: ExitStatus;
  /** For stdout; empty, or ends in a newline. */
  readonly text: string;
  /** For JSON, beside the chart's path. */
  readonly members: Readonly<Record<string, unknown>> & { readonly chart: string };
  /** For stderr. */
  readonly diagnosis?: Diagnosis;
  /** One of many with the same fate: people are told of them together, at the end. */
  readonly isOnlyCounted?: boolean;
}

/** What a run says at its end, in every form; what it showed before is not repeated. */
export interface Answer {
  readonly status: ExitStatus;
  /** For stdout; empty, or ends in a newline. */
  readonly text: string;
  /** For stdout in JSON, below `schema`, `command` and `status` (docs/json.md). */
  readonly document: Readonly<Record<string, unknown>>;
  /** For stderr when the answer is text: what came of all charts together. */
  readonly summary?: string;
  /** For stderr. */
  readonly diagnoses?: readonly Diagnosis[];
  /** Work for later runs, done when everything is printed; it changes neither the answer nor the status. */
  readonly afterwards?: () => Promise<void>;
}
