import { CommanderError, type Command } from 'commander';
import type { Answer } from '../cli/answer.ts';
import type { Asked, OutputForm, Printer } from '../cli/printer.ts';
import { UsageError, type Audience } from '../errors.ts';
import type { CommandDefinition } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import type { PolicyInForce } from '../run/policy-in-force.ts';
import type { OptionValues } from '../settings/options.ts';
import { Settings } from '../settings/settings.ts';
import type { ScannedArgv } from './argv.ts';
import { addTo } from './command-tree.ts';
import { describeCommand, makeProgram, optionValues } from './help.ts';
import { requireOperands } from './operands.ts';
import { HIDDEN_COMMANDS } from './hidden-commands.ts';
import { COMMANDS } from './table.ts';
import type { TableEntry } from './table-entry.ts';
import { unknownBelow, unknownCommand, usageError } from './usage-error.ts';

/** A command line that was understood. */
interface Invocation extends Asked {
  readonly form: OutputForm;
  readonly audience?: Audience | undefined;
  readonly run: (show: Printer['show']) => Promise<Answer>;
}

/** What is known of a run before its command line is parsed. */
type KnownBefore = Omit<RunContext, 'begun' | 'audience' | 'policy'>;

/**
 * What the arguments ask for.
 * @throws UsageError when the command line is wrong
 */
export async function parseCommandLine(scanned: ScannedArgv, known: KnownBefore): Promise<Invocation> {
  const { words, passed } = scanned;
  let invocation: Invocation | undefined;
  let help = '';
  const writeHelp = (text: string) => {
    help += text;
  };
  const program = makeProgram(writeHelp);
  const form = () => program.opts<{ output?: OutputForm }>().output ?? 'text';
  let begun: RunContext['begun'];
  const isHidden = HIDDEN_COMMANDS.some(({ path }) => path[0] === words[0]);
  const entries = isHidden ? HIDDEN_COMMANDS : COMMANDS;
  // Behind an option, or in `help`, any word may be the command, and a chart may have the name of one. Then every command
  // that may be meant is loaded, and no connection begun.
  const isFirst = entries.some(({ path }) => path[0] === words[0]);
  const isPossible = ({ path }: TableEntry) =>
    path.every((word) => words.includes(word)) && (!isFirst || path[0] === words[0]);
  const isCertain = entries.filter(isPossible).length === 1;
  for (const entry of entries) {
    const { path, load, asksLog, passesWords } = entry;
    const added = addTo(program, entry, writeHelp);
    if (!isPossible(entry)) continue;
    if (asksLog && isCertain && scanned.connectsPlainly)
      begun = await (await import('../run/early-connection.ts')).connectEarly(scanned, known);
    const definition = await load();
    describeCommand(added, definition);
    added.action((...parameters: unknown[]) => {
      const named = parameters
        .slice(0, -2)
        .flat()
        .filter((operand) => typeof operand === 'string');
      const operands = (passesWords && passed) ?? named;
      const values = optionsOf(program, added, path, definition);
      const { audience } = definition;
      invocation = {
        form: form(),
        audience,
        command: path.join(' '),
        insecure: new Settings(values, known.env).insecure,
        run: async (show) => {
          try {
            // Which words may stand there, the other program says.
            if (!passesWords) requireOperands(operands, definition);
            return await runCommand(definition, operands, values, { ...known, begun, audience }, show);
          } finally {
            begun?.close();
          }
        },
      };
    });
  }

  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    begun?.close();
    if (!(error instanceof CommanderError)) throw error;
    const [word, unknown = ''] = program.args;
    // Where a sub-command is missing, the answer is the help of the group.
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      throw unknownBelow(program) ?? usageError(error);
    if (error.exitCode !== 0 && word === 'help') throw unknownCommand(unknown);
  }
  if (invocation !== undefined) return invocation;
  const text = help.trimEnd().split('\n');
  return { form: form(), run: () => Promise.resolve({ status: 0, text, document: { help } }) };
}

/**
 * The options given before and behind a command. A parent that is a command itself, as `keys` is of `keys add`, reads
 * those that it knows, wherever they stand.
 * @throws UsageError on an `--output`, or an option that only the parent knows, that it does not take
 */
function optionsOf(
  program: Command,
  added: Command,
  path: TableEntry['path'],
  definition: CommandDefinition,
): OptionValues {
  if (program.opts()['output'] !== undefined && !definition.options.includes('output'))
    throw new UsageError(`${path.join(' ')} expects no --output, found one`);
  const { parent } = added;
  const inherited = parent === null || parent === program ? {} : parent.opts();
  for (const option of parent?.options ?? [])
    if (option.attributeName() in inherited && !added.options.some(({ long }) => long === option.long))
      throw new UsageError(`${path.join(' ')} expects no ${option.long ?? ''}, found one`);
  return optionValues({ ...program.opts(), ...inherited, ...added.opts() }, definition);
}

/** Runs a command, if nothing is wrong with its options. @throws UsageError */
async function runCommand(
  definition: CommandDefinition,
  operands: readonly string[],
  values: OptionValues,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const asksForLog = definition.options.includes('rekorServer');
  const chosen = asksForLog ? await (await import('../run/default-log.ts')).choicesOf(context) : {};
  const settings = new Settings(values, context.env, chosen);
  settings.requireSoundFlags();
  const policy = definition.options.includes('policy')
    ? await policyFor(settings, definition, context)
    : undefined;
  if (policy === undefined) return await definition.run(operands, settings, context, show);
  const { settingsUnder } = await import('../run/read-policy.ts');
  const ruled = settingsUnder(policy, settings, definition.options, context);
  return await definition.run(operands, ruled, { ...context, policy }, show);
}

/** The policy that a run has to obey. Its reader is loaded only if there is one. */
async function policyFor(
  settings: Settings,
  { ignoresPolicyVariable }: CommandDefinition,
  context: RunContext,
): Promise<PolicyInForce | undefined> {
  const { policyPlace, policyWithoutVariable } = await import('../run/policy-place.ts');
  const place = ignoresPolicyVariable
    ? await policyWithoutVariable(settings, context)
    : await policyPlace(settings, context);
  if (place === undefined) return undefined;
  return await (await import('../run/read-policy.ts')).readPolicy(place, context);
}
