import type { Answer, ShownResult } from '../cli/answer.ts';
import type { Audience } from '../errors.ts';
import { OPTION_NAMES, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import type { RunContext } from './context.ts';

/**
 * A sub-command: what it takes, what its help says, and what it does.
 * @typeParam Taken the names of its options: its settings have no others
 */
export interface CommandDefinition<Taken extends OptionName = OptionName> {
  /** In the syntax of commander, such as `<chart...>`. */
  readonly arguments?: string;
  /** The text of its help, below the usage line. */
  readonly description: string;
  /** Command lines for the end of its help. */
  readonly examples: readonly string[];
  /** In any order; one of several groups may be there twice. Help lists them in the order of declaration. */
  readonly options: readonly Taken[];
  /** Whether an empty word among its operands says something. */
  readonly takesEmptyWords?: true;
  /** Whether no variable names the policy that it obeys. */
  readonly ignoresPolicyVariable?: true;
  /** Who runs it, and so reads its hints; by default a consumer. */
  readonly audience?: Audience;
  /** @param show is given the result of each of several charts, as soon as it is known */
  readonly run: (
    operands: readonly string[],
    settings: Settings<Taken>,
    context: RunContext,
    show: (result: ShownResult) => Promise<void>,
  ) => Promise<Answer>;
}

/**
 * A sub-command, for the table of commands. One that reads an option which it does not list does not compile.
 */
export function defineCommand<const Taken extends OptionName>(
  definition: Omit<CommandDefinition<Taken>, 'run'> & {
    // The list of options decides what the command takes; it is not inferred from what `run` reads.
    readonly run: CommandDefinition<NoInfer<Taken>>['run'];
  },
): CommandDefinition {
  const { options, run, ...rest } = definition;
  const taken: readonly OptionName[] = options;
  return { ...rest, options: OPTION_NAMES.filter((name) => taken.includes(name)), run };
}
