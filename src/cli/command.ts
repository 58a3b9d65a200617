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
  readonly run: (operands: readonly string[], settings: Settings, context: Context) => Promise<Answer>;
}

/** What a run says, in both forms. */
export interface Answer {
  readonly status: ExitStatus;
  /** For stdout; empty, or ends in a newline. */
  readonly text: string;
  /** For stdout with `--output json`, below `schema`, `command` and `status` (docs/json.md). */
  readonly document: Readonly<Record<string, unknown>>;
  /** For stderr. */
  readonly diagnoses?: readonly Diagnosis[];
  /** Work for later runs, done when everything is printed; it changes neither the answer nor the status. */
  readonly afterwards?: () => Promise<void>;
}
