import type { Command, CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import { GROUPS } from './groups.ts';

/** The messages of commander, each with our words: what was expected and what was found. */
const WORDS: readonly (readonly [said: RegExp, words: string])[] = [
  [/^missing required argument '(.*)'$/, 'expected <$1>, found none'],
  [/^option '(.*)' argument missing$/, '$1 needs a value, found none'],
  [
    /^option '([^']*)' argument '(.*)' is invalid\. Allowed choices are (.{1,200})\.$/s,
    '$1 expects $3, found "$2"',
  ],
  [
    /^too many arguments for '([^']*)'\. Expected ([0-9]+ arguments?) but got ([0-9]+)\.$/,
    '$1 expects $2, found $3',
  ],
];

/** The error for a command line that commander does not understand. */
export function usageError({ code, message: said }: CommanderError): UsageError {
  const [message = '', suggestion = ''] = said.replace(/^error: /, '').split('\n(');
  const [, similar = ''] = /^Did you mean (.*)\?/.exec(suggestion) ?? [];
  return new UsageError(
    inOurWords(message),
    // Commander may suggest the same option again, if another command has it.
    similar === '' || message.includes(similar) ? hintFor(code) : `did you mean ${similar}?`,
  );
}

/** The error for a word that is not a command. */
export function unknownCommand(word: string): UsageError {
  return new UsageError(`unknown command '${word}'`, COMMANDS_HINT);
}

/**
 * The error for a word behind a command that takes none but those of its sub-commands, as `keys` does; undefined: there is
 * no such word.
 */
export function unknownBelow({ commands }: Command): UsageError | undefined {
  const parent = commands.find(
    (each) => each.commands.length > 0 && each.registeredArguments.length === 0 && each.args.length > 0,
  );
  const name = parent?.name() ?? '';
  const word = parent?.args[0] ?? '';
  if (parent === undefined || word.startsWith('-') || parent.commands.some((each) => each.name() === word))
    return undefined;
  const below = parent.commands.map((each) => `${name} ${each.name()}`).join(', ');
  const alone = `${name} alone: ${parent.summary()}`;
  const hint = name in GROUPS ? `there are ${below}` : `there are ${below}; ${alone}`;
  return new UsageError(`unknown command '${name} ${word}'`, hint);
}

const COMMANDS_HINT = 'helm sigstore --help lists the commands';

function hintFor(code: string): string {
  if (code === 'commander.unknownCommand') return COMMANDS_HINT;
  const help = '--help after the command shows what it takes';
  // Helm passes `--keyring "" chart.tgz` on as `--keyring`.
  const isMissing = code === 'commander.optionMissingArgument';
  return isMissing ? `${help}; Helm drops an empty value, and the word after it` : help;
}

function inOurWords(message: string): string {
  const [said, words] = WORDS.find(([said]) => said.test(message)) ?? [];
  return said === undefined || words === undefined ? message : message.replace(said, words);
}
