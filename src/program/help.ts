import { Command, Help, Option } from 'commander';
import type { CommandDefinition } from '../run/command.ts';
import type { OptionDeclaration } from '../settings/option-declaration.ts';
import { OPTIONS, type OptionName, type OptionValues } from '../settings/options.ts';

/** In columns. Only help wraps its sentences. */
const HELP_WIDTH = 100;

/** The program without its commands. @param writeHelp takes its help, when it is shown */
export function makeProgram(writeHelp: (text: string) => void): Command {
  const program = makeCommand('helm sigstore', writeHelp)
    .description(
      "Put the signature of a Helm chart on Sigstore's transparency log, and prove that it is there.",
    )
    .usage('COMMAND [options]')
    .helpCommand(true)
    .addHelpText(
      'after',
      examplesText(['upload hello-0.1.0.tgz', 'verify hello-0.1.0.tgz', 'verify --help']),
    );
  listOption(program, new Option('-v, --version', 'print the version; as the first word'));
  for (const name of GLOBAL_OPTIONS) program.addOption(declareOption(name).hideHelp());
  return program;
}

/** A command without anything of its own. @param writeHelp takes its help, when it is shown */
export function makeCommand(name: string, writeHelp: (text: string) => void): Command {
  return (
    new Command(name)
      .exitOverride()
      .configureOutput({
        writeOut: writeHelp,
        // Where a sub-command is missing, the help goes here.
        writeErr: writeHelp,
        outputError: () => undefined,
        getOutHelpWidth: () => HELP_WIDTH,
        getErrHelpWidth: () => HELP_WIDTH,
      })
      // The list of commands shows only names: options and operands are known only after loading.
      .configureHelp({ subcommandTerm: (each) => each.name() })
      .helpCommand(false)
      .allowExcessArguments(false)
  );
}

/** Gives a command what its definition says. */
export function describeCommand(
  target: Command,
  { arguments: operands, description, examples, options }: CommandDefinition,
): void {
  target.description(description);
  if (operands !== undefined) target.arguments(operands);
  for (const name of options) target.addOption(declareOption(name));
  target.addHelpText('after', examplesText(examples));
}

/** The end of a help. */
export function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ helm sigstore ${example}`).join('\n')}`;
}

/** The option of this name, for commander. */
function declareOption(name: OptionName): Option {
  const declaration: OptionDeclaration = OPTIONS[name];
  const { flags, description, variable, default: preset, choices, repeatable, once } = declaration;
  const notes = [
    ...(variable === undefined ? [] : [`variable: ${variable}`]),
    ...(preset === undefined ? [] : [`default: ${preset}`]),
  ];
  const option = new Option(flags, notes.length > 0 ? `${description} (${notes.join(', ')})` : description);
  if (choices !== undefined) option.choices(choices);
  if (repeatable ?? once)
    option.argParser((value, before: readonly string[] | false | undefined) => [...(before || []), value]);
  return option;
}

/** The values under the names of our declarations; commander names them after the flags. */
export function optionValues(
  values: Readonly<Record<string, unknown>>,
  { options }: CommandDefinition,
): OptionValues {
  return Object.fromEntries(
    options.flatMap((name) => {
      const option = declareOption(name);
      const value = values[option.attributeName()];
      // Commander stores `--x PATH` and `--no-x` under one name: the last one counts.
      if (option.negate) return value === false ? [[name, true]] : [];
      return value === undefined || value === false ? [] : [[name, value]];
    }),
  );
}

/** Options of the Go plugin that may also stand before the sub-command. */
const GLOBAL_OPTIONS: readonly OptionName[] = ['rekorServer', 'keyring', 'publicKey', 'output'];

/** Lists the option in the help of a command that does not parse it. */
function listOption(target: Command, option: Option): void {
  const help = new Help();
  target.configureHelp({
    ...target.configureHelp(),
    visibleOptions: (command) => [option, ...help.visibleOptions(command)],
  });
}
