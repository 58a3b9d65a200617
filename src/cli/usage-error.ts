import type { CommanderError } from 'commander';
import { UsageError } from '../errors.ts';

/** What commander says, and the same as what was expected and what was found. */
const WORDS: readonly (readonly [said: RegExp, words: string])[] = [
  [/^missing required argument '(.*)'$/, 'expected <$1>, found none'],
  [/^option '(.*)' argument missing$/, '$1 needs a value, found none'],
  [/^option '(.*)' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s, '$1 expects $3, found "$2"'],
  [/^too many arguments for '(.*)'\. Expected (.*) but got (.*)\.$/, '$1 expects $2, found $3'],
];

/** The error for a command line that commander does not understand. */
export function usageError({ code, message: said }: CommanderError): UsageError {
  if (code === 'commander.help') return new UsageError('expected a command, found none', COMMANDS_HINT);
  const [message = '', suggestion = ''] = said.replace(/^error: /, '').split('\n(');
  const similar = /^Did you mean (.*)\?/.exec(suggestion)?.[1];
  return new UsageError(
    inOurWords(message),
    similar === undefined ? hintFor(code) : `did you mean ${similar}?`,
  );
}

const COMMANDS_HINT = 'helm sigstore --help lists the commands';

function hintFor(code: string): string {
  if (code === 'commander.unknownCommand') return COMMANDS_HINT;
  const help = '--help after the command shows what it takes';
  // Here `--keyring "" chart.tgz` arrives as `--keyring`.
  const isMissing = code === 'commander.optionMissingArgument';
  return isMissing ? `${help}; Helm drops an empty value, and the word after it` : help;
}

function inOurWords(message: string): string {
  const [said, words] = WORDS.find(([said]) => said.test(message)) ?? [];
  return said === undefined || words === undefined ? message : message.replace(said, words);
}
