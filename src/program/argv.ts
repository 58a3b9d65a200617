import type { OutputForm } from '../cli/printer.ts';
import type { ConnectionHints } from '../run/early-connection.ts';
import { spellingOf, type OptionName } from '../settings/options.ts';
import { PASSING_COMMANDS } from './table.ts';
import { divideAtCommand } from './wrapper-words.ts';

/**
 * What a command line seems to ask for. It is found before the command, which declares its options, is
 * loaded, and also when the line is wrong. It may be mistaken: a word that looks like an option can be the
 * value of one, or a chart.
 */
export interface ScannedArgv extends ConnectionHints {
  /**
   * The words for the parser: a `--version` at the start becomes the command `version`; elsewhere it is an
   * error.
   */
  readonly words: readonly string[];
  /** The words behind a command that passes them on; undefined: it is another one. */
  readonly passed?: readonly string[];
  /** The form of the answer, also of the error for a wrong command line. */
  readonly form: OutputForm;
}

/** Reads the words once from left to right, as far as `--`: no word behind it is an option. */
export function scanArgv(argv: readonly string[]): ScannedArgv {
  const passing = divideAtCommand(argv, PASSING_COMMANDS);
  if (passing === undefined) return scanWords(argv);
  return { ...scanWords(passing.words), passed: passing.passed };
}

function scanWords(argv: readonly string[]): ScannedArgv {
  const [first, ...others] = argv;
  const words = first === '--version' || first === '-v' ? ['version', ...others] : argv;
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const form = lastValue('output', options);
  return {
    words,
    form: form === 'json' || form === 'jsonl' ? form : 'text',
    server: lastValue('rekorServer', options),
    connectsPlainly: !options.some((word) => NOT_PLAINLY.has(word.split('=', 1)[0] ?? '')),
  };
}

/** Options with which a run connects to no log, to another one, or in another way. */
const OTHERWISE: readonly OptionName[] = [
  'caFile',
  'certificateIdentity',
  'certificateIdentityPattern',
  'check',
  'mirror',
  'offline',
  'policy',
  'rekorVersion',
  'signingConfig',
  'verificationKey',
];
const NOT_PLAINLY: ReadonlySet<string> = new Set(['--help', '-h', ...OTHERWISE.map(spellingOf)]);

/** The value of the last of these options, in the same word or in the next one; undefined without one. */
function lastValue(name: OptionName, words: readonly string[]): string | undefined {
  const spelling = spellingOf(name);
  const at = words.findLastIndex((word) => word === spelling || word.startsWith(`${spelling}=`));
  return words[at] === spelling ? words[at + 1] : words[at]?.slice(spelling.length + 1);
}
