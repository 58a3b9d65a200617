import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asksHelp, copyNameOf, helmCall, wordsForHelm } from '../../src/wrapper/helm-call.ts';
import { parseHelmHelp, type HelmFlags, type TakesValue } from '../../src/wrapper/helm-flags.ts';
import { SHOWN_PARTS, type HelmVerb } from '../../src/wrapper/helm-verb.ts';
import { divideHelmWords } from '../../src/wrapper/helm-words.ts';
import { readVectorJson, vectors } from '../support/vectors.ts';
import { STOPPED, UNDERSTOOD, type CommandLine } from './command-lines.ts';

/** Understands a command line as the wrapper does. */
function understand({ verb, words }: CommandLine, flagsOf: (verb: readonly string[]) => HelmFlags) {
  const isPart = verb !== 'show' || SHOWN_PARTS.includes(words[0] ?? '');
  const [named, rest] = verb === 'show' ? [[verb, words[0] ?? ''], words.slice(1)] : [[verb], words];
  if (!isPart) throw new Error('show what?');
  const divided = divideHelmWords(rest, flagsOf(named));
  if (asksHelp(divided)) return undefined;
  return helmCall(named, divided);
}

function helpText(file: string): string {
  return readFileSync(join(import.meta.dirname, 'helm-help', `${file}.txt`), 'utf8');
}

const ofHelm4 = (verb: readonly string[]) =>
  parseHelmHelp(helpText(verb[0] === 'show' ? 'show-values' : verb.join('-')));

type Listed = Record<
  string,
  Record<string, Record<string, { readonly value: string | false; readonly short?: string }>>
>;
const listed = vectors === undefined ? {} : (readVectorJson('helm-flags', 'flags.json') as Listed);

/** The flags that others read of the help of a Helm. */
function listedFlags(verb: readonly string[], version: string): HelmFlags {
  const key = verb[0] === 'show' ? (verb[1] === 'values' ? 'show values' : 'show chart') : verb.join(' ');
  const flags = Object.entries(listed[key]?.[version] ?? {});
  const takes = (value: string | false): TakesValue =>
    value === false ? 'never' : value === 'optional' ? 'behind =' : 'always';
  return {
    long: new Map(flags.map(([name, { value }]) => [name.slice(2), takes(value)])),
    short: new Map(flags.flatMap(([name, { short }]) => (short ? [[short.slice(1), name.slice(2)]] : []))),
  };
}

const VERSIONS = ['3.17.3', '3.18.0', '3.19.2', '4.1.4', '4-latest'];

const HELMS: readonly (readonly [string, (verb: readonly string[]) => HelmFlags])[] = [
  ['4.1.4, by its own help', ofHelm4],
  ...(vectors === undefined
    ? []
    : VERSIONS.map((version) => [version, (verb: readonly string[]) => listedFlags(verb, version)] as const)),
];

describe.each(HELMS)('with the flags of Helm %s', (version, flagsOf) => {
  const fits = ({ helm }: CommandLine) => helm === undefined || version.startsWith(helm);

  test.each(UNDERSTOOD.filter(fits))('$verb, $what: is understood', (line) => {
    const call = understand(line, flagsOf);
    if (call === undefined) throw new Error('this is no question for help');
    expect(call.charts).toEqual(line.charts);
    expect(call.source.values).toEqual(line.source ?? {});
    if (line.verb === 'pull') expect([call.destination]).toEqual(line.calls);
    else expect(wordsForHelm(call, call.besideArchive, 'CHART')).toEqual(line.calls);
    if (line.copyName !== undefined) expect(copyNameOf(call.charts[0] ?? '')).toBe(line.copyName);
  });

  test.each(STOPPED.filter(fits))('$verb, $what: stops', (line) => {
    expect(() => understand(line, flagsOf)).toThrow(line.stops);
  });

  test.each(UNDERSTOOD.filter(fits))('$verb, $what: means the same to Helm, divided once more', (line) => {
    if (line.verb === 'pull') return;
    const call = understand(line, flagsOf);
    if (call === undefined) throw new Error('this is no question for help');
    const { verb, besideArchive, names } = call;
    const words = wordsForHelm(call, besideArchive, '/x/c.tgz');
    const again = divideHelmWords(words.slice(verb.length), flagsOf(verb));
    expect(again).toEqual({ options: besideArchive, positionals: [...names, '/x/c.tgz'] });
  });
});

describe('the help of Helm', () => {
  test.skipIf(vectors === undefined).each<[string, HelmVerb[] | string[], string]>([
    ['install', ['install'], '4.1.4'],
    ['upgrade', ['upgrade'], '4.1.4'],
    ['template', ['template'], '4.1.4'],
    ['pull', ['pull'], '4.1.4'],
    ['show-values', ['show', 'values'], '4.1.4'],
    ['install-of-helm-3', ['install'], '3.17.3'],
  ])('lists what others found in it: %s (needs vectors)', (file, verb, version) => {
    const read = parseHelmHelp(helpText(file));
    const known = listedFlags(verb, version);
    expect(Object.fromEntries(read.long)).toEqual(Object.fromEntries(known.long));
    expect(Object.fromEntries(read.short)).toEqual(Object.fromEntries(known.short));
  });

  test('has flags only below its headings, and each form of them', () => {
    const help = [
      'To use it:',
      '      --no-flag string   of the text',
      'Flags:',
      '  -a, --all                  no value',
      '      --one string           a value',
      '      --two "a b"[="x"]      a value behind "="',
      '      --three Kind of[=x]    the same',
      '      --long-name-without-much-room duration  a value',
      '      --bare',
      'not a --flag',
      '      --after string   of other text',
      '',
      'Global Flags:',
      '  -g, --global strings   a value',
    ].join('\n');
    const { long, short } = parseHelmHelp(help);
    expect(Object.fromEntries(long)).toEqual({
      all: 'never',
      one: 'always',
      two: 'behind =',
      three: 'behind =',
      'long-name-without-much-room': 'always',
      bare: 'never',
      global: 'always',
    });
    expect(Object.fromEntries(short)).toEqual({ a: 'all', g: 'global' });
  });
});
