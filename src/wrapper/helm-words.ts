import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { HelmFlags } from './helm-flags.ts';

/** An option among the words for Helm. */
export interface HelmOption {
  /** Without dashes. */
  readonly name: string;
  /** Undefined: it has none. */
  readonly value: string | undefined;
}

/** The words for Helm, as Helm divides them. */
export interface HelmWords {
  readonly options: readonly HelmOption[];
  readonly positionals: readonly string[];
}

/**
 * Divides words as the library pflag does: options may stand anywhere before `--`, letters in clusters, and values in the
 * same word or in the next one, whatever that looks like.
 * @throws UsageError on a flag that this Helm does not list: the word after it could be its value, or the chart
 */
export function divideHelmWords(words: readonly string[], flags: HelmFlags): HelmWords {
  const options: HelmOption[] = [];
  const positionals: string[] = [];
  const left = words[Symbol.iterator]();
  const next = () => {
    const { value } = left.next();
    return value;
  };
  for (let word = next(); word !== undefined; word = next()) {
    if (word === '--') return { options, positionals: [...positionals, ...left] };
    if (word.startsWith('--')) options.push(longOption(word, flags, next));
    else if (word.startsWith('-') && word !== '-') options.push(...cluster(word, flags, next));
    else positionals.push(word);
  }
  return { options, positionals };
}

/** Gives the next word, which becomes a value; undefined where there is none. */
type NextWord = () => string | undefined;

function longOption(word: string, { long }: HelmFlags, next: NextWord): HelmOption {
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const takes = long.get(name);
  if (takes === undefined) throw unknownFlag(word);
  if (value !== undefined) return { name, value };
  return { name, value: takes === 'always' ? valueFor(name, next()) : undefined };
}

function cluster(word: string, { long, short }: HelmFlags, next: NextWord): HelmOption[] {
  const options: HelmOption[] = [];
  const letters = Array.from(word.slice(1));
  for (const [at, letter] of letters.entries()) {
    const name = short.get(letter);
    const takes = name === undefined ? undefined : long.get(name);
    if (name === undefined || takes === undefined) throw unknownFlag(`-${letter}`);
    const rest = letters.slice(at + 1).join('');
    // One character behind the letter is no value of that form.
    if (rest.startsWith('=') && rest.length > 1) return [...options, { name, value: rest.slice(1) }];
    if (takes === 'always') return [...options, { name, value: rest === '' ? valueFor(name, next()) : rest }];
    options.push({ name, value: undefined });
  }
  return options;
}

function valueFor(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new UsageError(
    `--${name} needs a value, found none`,
    'look for an empty value: Helm drops it, and the word after it',
  );
}

function unknownFlag(word: string): UsageError {
  return new UsageError(
    `unknown flag of Helm: ${excerpt(word)}`,
    'the verb of Helm with --help lists the flags of this Helm; options of ours stand before the verb',
  );
}
