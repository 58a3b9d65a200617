import { Command, CommanderError, Option } from 'commander';
import { version } from '../commands/version.ts';
import { UsageError } from '../errors.ts';
import type { Answer, CommandDefinition } from './command.ts';
import type { Context } from './context.ts';
import { OPTIONS, type OptionDeclaration, type OptionName, type OptionValues } from './options.ts';
import type { Asked, Printer } from './printer.ts';
import { Settings } from './settings.ts';
import { usageError } from './usage-error.ts';

/** A sub-command before its file is loaded: a run loads only what its command line names. */
interface Entry {
  readonly path: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<CommandDefinition>;
  /** Whether it always asks the log. */
  readonly asksLog?: true;
}

const COMMANDS: readonly Entry[] = [
  {
    path: ['upload'],
    summary: "put a chart's provenance on the log",
    load: async () => (await import('../commands/upload.ts')).upload,
    asksLog: true,
  },
  {
    path: ['search'],
    summary: 'find the log entries of a chart, a signer or a key',
    load: async () => (await import('../commands/search.ts')).search,
    asksLog: true,
  },
  {
    path: ['verify'],
    summary: 'prove that a chart and its signature are on the log',
    load: async () => (await import('../commands/verify.ts')).verify,
    asksLog: true,
  },
  {
    path: ['inspect'],
    summary: 'judge a chart and its provenance without any log',
    load: async () => (await import('../commands/inspect.ts')).inspect,
  },
  {
    path: ['keys'],
    summary: 'list the OpenPGP keys whose signatures count',
    load: async () => (await import('../commands/keys.ts')).keys,
  },
  {
    path: ['log', 'info'],
    summary: 'show the trees of a log and what was seen of them',
    load: async () => (await import('../commands/log-info.ts')).logInfo,
  },
  {
    path: ['log', 'pin'],
    summary: 'trust the key of a log of your own',
    load: async () => (await import('../commands/log-pin.ts')).logPin,
  },
  {
    path: ['log', 'serve'],
    summary: 'run a transparency log in this process',
    load: async () => (await import('../commands/log-serve.ts')).logServe,
  },
  {
    path: ['trust', 'show'],
    summary: 'show which keys of a log count, and why',
    load: async () => (await import('../commands/trust-show.ts')).trustShow,
  },
  {
    path: ['trust', 'update'],
    summary: 'fetch the keys of the public log',
    load: async () => (await import('../commands/trust-update.ts')).trustUpdate,
  },
  {
    path: ['state', 'clear'],
    summary: 'forget what was seen of logs',
    load: async () => (await import('../commands/state-clear.ts')).stateClear,
  },
  {
    path: ['doctor'],
    summary: 'examine Node, Helm, keyrings, trust and the log',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    path: ['version'],
    summary: 'print the version',
    load: () => Promise.resolve(version),
  },
];

/** What the help says of sub-commands with a first word in common. */
const GROUPS: Readonly<Record<string, { readonly summary: string; readonly examples: readonly string[] }>> = {
  log: { summary: 'logs of your own', examples: ['log serve --dir ./log', 'log pin http://127.0.0.1:3000'] },
  state: { summary: 'what this program remembers', examples: ['state clear'] },
  trust: { summary: 'the keys of logs', examples: ['trust show', 'trust update'] },
};

/** Options of the Go plugin that may also stand before the sub-command. */
const GLOBAL_OPTIONS: readonly OptionName[] = ['rekorServer', 'keyring', 'publicKey', 'output'];

/** A command line that was understood. */
interface Invocation extends Asked {
  readonly run: (show: Printer['show']) => Promise<Answer>;
}

/** All commands with all that their help says: for documentation and completion; a run loads what it needs. */
export async function commandTree(): Promise<Command> {
  const writeHelp = () => undefined;
  const program = rootCommand('', writeHelp);
  for (const entry of COMMANDS) describe(addTo(program, entry, writeHelp), await entry.load());
  return program;
}

/**
 * What the arguments ask for.
 * @throws UsageError when the command line is wrong
 */
export async function parseCommandLine(argv: readonly string[], context: Context): Promise<Invocation> {
  let invocation: Invocation | undefined;
  let help = '';
  const writeHelp = (text: string) => {
    help += text;
  };
  const program = rootCommand(context.version, writeHelp);
  let begun: Context['begun'];
  // A chart may be called like a command: each that may be meant is loaded, and no log is connected to.
  const isPossible = ({ path }: Entry) => argv.includes(path.at(-1) ?? '');
  const isCertain = COMMANDS.filter(isPossible).length === 1;
  for (const entry of COMMANDS) {
    const { path, load, asksLog } = entry;
    const added = addTo(program, entry, writeHelp);
    if (!isPossible(entry)) continue;
    if (asksLog && isCertain) begun = await (await import('./early-log.ts')).connectEarly(argv, context);
    const definition = await load();
    describe(added, definition);
    added.action((...parameters: unknown[]) => {
      const operands = parameters
        .slice(0, -2)
        .flat()
        .filter((operand) => typeof operand === 'string');
      if (program.opts()['output'] !== undefined && !definition.options.includes('output'))
        throw new UsageError(`${path.join(' ')} expects no --output, found one`);
      const settings = new Settings(named({ ...program.opts(), ...added.opts() }, definition), context.env);
      invocation = {
        command: path.join(' '),
        insecure: settings.insecure,
        run: async (show) => {
          try {
            return await definition.run(operands, settings, { ...context, begun }, show);
          } finally {
            begun?.close();
          }
        },
      };
    });
  }

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    begun?.close();
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error);
  }
  return invocation ?? { run: () => Promise.resolve({ status: 0, text: help, document: { help } }) };
}

function rootCommand(version: string, writeHelp: (text: string) => void): Command {
  const program = command('helm sigstore', writeHelp)
    .description(
      "Put the signature of a Helm chart on Sigstore's transparency log, and prove that it is there.",
    )
    .usage('COMMAND [options]')
    .version(version, '-v, --version', 'print the version')
    .helpCommand(true)
    .addHelpText(
      'after',
      examplesText(['upload hello-0.1.0.tgz', 'verify hello-0.1.0.tgz', 'verify --help']),
    );
  for (const name of GLOBAL_OPTIONS) program.addOption(declared(name).hideHelp());
  return program;
}

/** Adds a command where its path says, without what only its file knows. */
function addTo(program: Command, { path, summary }: Entry, writeHelp: (text: string) => void): Command {
  const parent = path.slice(0, -1).reduce((group, word) => child(group, word, writeHelp), program);
  const added = command(path.at(-1) ?? '', writeHelp).summary(summary);
  parent.addCommand(added);
  return added;
}

function command(name: string, writeHelp: (text: string) => void): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({ writeOut: writeHelp, writeErr: () => undefined, getOutHelpWidth: () => 100 })
    .helpCommand(false)
    .allowExcessArguments(false);
}

/** The command of that name below the parent, made as a group when it is not there yet. */
function child(parent: Command, name: string, writeHelp: (text: string) => void): Command {
  const known = parent.commands.find((each) => each.name() === name);
  if (known !== undefined) return known;
  const { summary = '', examples = [] } = GROUPS[name] ?? {};
  const group = command(name, writeHelp);
  group.summary(summary).usage('COMMAND [options]').addHelpText('after', examplesText(examples));
  parent.addCommand(group);
  return group;
}

function describe(
  target: Command,
  { arguments: operands, description, examples, options }: CommandDefinition,
) {
  target.description(description);
  if (operands !== undefined) target.arguments(operands);
  for (const name of options) target.addOption(declared(name));
  target.addHelpText('after', examplesText(examples));
}

function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ helm sigstore ${example}`).join('\n')}`;
}

function declared(name: OptionName): Option {
  const declaration: OptionDeclaration = OPTIONS[name];
  const { flags, description, variable, default: preset, choices, repeatable } = declaration;
  const notes = [
    ...(variable === undefined ? [] : [`variable: ${variable}`]),
    ...(preset === undefined ? [] : [`default: ${preset}`]),
  ];
  const option = new Option(flags, notes.length > 0 ? `${description} (${notes.join(', ')})` : description);
  if (choices !== undefined) option.choices(choices);
  if (repeatable)
    option.argParser((value, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return option;
}

/** The values under the names of our declarations; commander names them after the flags. */
function named(values: Readonly<Record<string, unknown>>, { options }: CommandDefinition): OptionValues {
  return Object.fromEntries(
    options.flatMap((name) => {
      const value = values[declared(name).attributeName()];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
