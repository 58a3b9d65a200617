import type { OptionDeclaration } from '../settings/option-declaration.ts';
import { OPTIONS } from '../settings/options.ts';

/** A command line of a command behind which all words belong to another program. */
interface PassingWords {
  /** For the parser: the command, and the options that stand before it. */
  readonly words: readonly string[];
  /** Behind the command. */
  readonly passed: readonly string[];
}

/**
 * Divides a command line at such a command; undefined: its command is another one. Before it there are only options of ours
 * and their values, so neither of these is taken for a command.
 * @param commands by their names
 */
export function divideAtCommand(
  argv: readonly string[],
  commands: readonly string[],
): PassingWords | undefined {
  let at = 0;
  for (let word = argv[at]; word?.startsWith('-'); word = argv[at]) {
    if (word === '--') return undefined;
    at += TAKING_VALUE.has(word) ? 2 : 1;
  }
  const command = argv[at];
  if (command === undefined || !commands.includes(command)) return undefined;
  return { words: [command, ...argv.slice(0, at)], passed: argv.slice(at + 1) };
}

/** The spellings of options whose value is the next word. */
const TAKING_VALUE: ReadonlySet<string> = new Set(
  Object.values<OptionDeclaration>(OPTIONS).flatMap(({ flags }) => {
    const [spelling = '', value] = flags.split(' ');
    return value === undefined ? [] : [spelling];
  }),
);
