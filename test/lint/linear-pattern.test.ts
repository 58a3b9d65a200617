import { Linter } from 'eslint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whyNotLinear } from '../../scripts/lint/linear-pattern.mjs';
import { stepsOfSearch } from './backtracking.ts';
import { linearPattern } from '../../scripts/lint/linear-pattern-rule.mjs';

describe('a pattern that may take more than linear time is refused', () => {
  it.each([
    // Tried from every position of a run.
    [/[ \t]+$/],
    [/\n+$/],
    [/\/+$/],
    [/\s+x/],
    [/\S+\.tgz/g],
    [/\d+px/],
    [/[^\n]*\n/],
    [/a{300,}b/],
    [/[a-z]{0,1000}!/i],
    [/(?:ab)+c/],
    [/x|\s+y/],
    [/\s*,\s*/],
    [/[A-Z]+[a-z]+x/],
    [/(?!-)\w+-/],
    [/"(?:[^"\\]|\\.)*"/],
    [/[a-z]+b/i],
    [/\w+\b/],
    [/[\u0000-\uffff]*x/],
    [/\p{L}+\d/u],
    // The start of a line is not one place, where a run goes on in the next line.
    [/^\s+x/m],
    [/^[^-]*x/m],
    [/\s*$/m],
    // It ends where the text does only if it takes all of its characters.
    [/(?:a|b)*$/],
    [/(?:a?b)*$/],
    // The same run in several ways.
    [/^\s*\n\s*x/],
    [/^.*:.*;/],
    [/^(.*?),(.*?),$/],
    [/^\s*\s*$/],
    [/^[ab]*a[ab]*$/],
    [/^a*(?:b|c?)a*$/],
    // Exponential: nested, or with two ways in a repetition.
    [/^(a+)+$/],
    [/^(?:a*)*$/],
    [/^(?:a|a)*$/],
    [/^(?:a|ab)*c/],
    [/^(?:aa?)*$/],
    [/^(?:[0-9]{1,9}){2,9}$/],
    [/^(?:a?){30}a{30}$/],
    [/^(?:\s|\n)*x/],
    [/^(?:[a-z]+\.?)+@/],
    [/^(?:\w|[0-9])+$/],
    // Not told.
    [/^(["'])[^"']*\1/],
    [/(?<=a+)b/],
    [/x(?=.*y)/],
  ])('%s', (pattern) => {
    expect(whyNotLinear(pattern.source, pattern.flags)).toEqual(expect.any(String));
  });
});

describe('a pattern that takes linear time is accepted', () => {
  it.each([
    // One place to start, and what follows differs from what is repeated.
    [/^[ \t\r]*$/],
    [/^[^@\s]+@[^@\s]+$/],
    [/^(?:[0-9a-f]{2})*$/],
    [/^[1-9][0-9]{0,18}$/],
    [/^(?:(?:.+\.)?localhost\.?|127(?:\.[0-9]+){3})$/],
    [/^[A-Za-z]+:/],
    [/\s+x/y],
    [/^v([0-9]+\.[0-9]+[^\s+]*)/m],
    [/^peak (\d+) KiB$/m],
    [/^(?:[^"\\]|\\.)*"/],
    // Given back one after the other, once.
    [/^.*@/s],
    [/^.*?=/],
    [/^option '(.*)' argument missing$/],
    // Nothing behind it fails.
    [/\s+/g],
    [/[^\n]+/g],
    [/[\s,]+/],
    [/[?#].*$/s],
    [/\?.*/],
    [/.*$/m],
    [/[0-9a-f]{16,}/gi],
    [/[A-Z]+[a-z]*/g],
    // A run that begins with what it does not hold is scanned once.
    [/"[^"]*"/g],
    [/<([^<>@\s]+@[^<>@\s]+)>$/],
    [/\/([0-9a-f]+)$/],
    [/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g],
    // No repetition, or one that only costs a factor.
    [/\r?\n$/],
    [/-----BEGIN ([A-Z0-9 ]{1,40})-----/],
    [/.{1,64}/g],
    [/^\[|\]$/g],
    [/[\u007f-\u009f\u2028]/g],
    [/(?:)/],
  ])('%s', (pattern) => {
    expect(whyNotLinear(pattern.source, pattern.flags)).toBeUndefined();
  });
});

/** Pieces of which patterns are made that are slow, and that are not. */
const pieces = fc.constantFrom(
  'a',
  'b',
  '[ab]',
  '[^a]',
  '.',
  '\\s',
  '(?:ab)',
  '(?:a|b)',
  '(?:a|ab)',
  '(?:a?b)',
);
const repetition = fc.constantFrom('', '', '*', '+', '?', '*?', '{2,}', '{0,3}');
const patterns = fc
  .tuple(
    fc.constantFrom('', '^', '^'),
    fc.array(fc.tuple(pieces, repetition), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '$', 'c'),
  )
  .map(([start, middle, end]) => start + middle.flat().join('') + end);
it('no pattern that is accepted is slow, whatever it is made of', () => {
  fc.assert(
    fc.property(patterns, fc.constantFrom('a', 'b', 'ab', 'aab', ' ', '\n', 'a\n'), (source, unit) => {
      if (whyNotLinear(source, '') !== undefined) return;
      const steps = (times: number) => stepsOfSearch(source, `${unit.repeat(times)}!`);
      // Eight times the text; its square would take sixty-four times the steps.
      expect(steps(160)).toBeLessThanOrEqual(16 * steps(20));
    }),
    { numRuns: 1000 },
  );
});

describe('the rule', () => {
  const lint = (code: string): string[] =>
    new Linter()
      .verify(code, [{ plugins: { local: { rules: { p: linearPattern } } }, rules: { 'local/p': 'error' } }])
      .map(({ message }) => message);

  it('looks at literals and at texts that become patterns', () => {
    expect(lint('const a = /^a$/; new RegExp("^a+$", "u"); RegExp(/x/, "g");')).toEqual([]);
    expect(lint('/ +$/.test(text);')).toEqual([expect.stringContaining(' + is tried from every position')]);
    expect(lint('new RegExp(" +$");')).toHaveLength(1);
    expect(lint('RegExp("a", flags);')).toEqual([expect.stringContaining('written out')]);
    expect(lint('new RegExp(`^${text}$`);')).toEqual([expect.stringContaining('written out')]);
  });
});
