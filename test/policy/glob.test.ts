import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coversGlob, matchesGlob, parseGlob, type Glob } from '../../src/policy/glob.ts';
import { expectLinear } from '../support/linear.ts';
import { runs } from '../support/property.ts';

function glob(text: string): Glob {
  const parsed = parseGlob(text);
  if (parsed === undefined) throw new Error(`no pattern: ${text}`);
  return parsed;
}

const MATCHES: readonly (readonly [pattern: string, value: string, matches: boolean])[] = [
  ['a', 'a', true],
  ['a', 'A', false],
  ['a', 'aa', false],
  ['', '', true],
  ['*', '', true],
  ['*', 'abc', true],
  ['*', 'a/c', false],
  ['*', 'a@c', false],
  ['**', 'a/b@c', true],
  ['a*', 'a', true],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['*a*', 'bab', true],
  ['a**b*c', 'a/x/b1c', true],
  ['a**b*c', 'a/x/b/c', false],
  // The last `*` cannot go on, but an earlier `**` can.
  ['**b*c', 'b/bc', true],
  ['**x*y*z', 'x/xy/xyz', true],
  ['.', 'a', false],
  ['[ab]', 'a', false],
  ['a+', 'aa', false],
  ['a?', 'a', false],
  ['%61', 'a', false],
  ['https://acme.example/*', 'https://acme.example/x/y', false],
  ['https://acme.example/**', 'https://acme.example.evil.example/x', false],
  ['https://*.acme.example/x', 'https://evil.example/a.acme.example/x', false],
];

describe('a pattern', () => {
  it.each(MATCHES)('%j and the value %j: %s', (pattern, value, matches) => {
    expect(matchesGlob(glob(pattern), value)).toBe(matches);
  });

  it('of three stars is none', () => {
    expect(parseGlob('a***b')).toBeUndefined();
  });

  it('stands for what the regular expression of the same meaning stands for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '@', '*'), maxLength: 8 });
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '/', '@'), maxLength: 10 });
    fc.assert(
      fc.property(text, value, (pattern, sample) => {
        fc.pre(!pattern.includes('***'));
        const source = pattern.replaceAll('**', '.').replaceAll('*', '[^/@]*').replaceAll('.', '.*');
        expect(matchesGlob(glob(pattern), sample)).toBe(new RegExp(`^${source}$`).test(sample));
      }),
      runs(2000),
    );
  });

  it('that covers another one matches all that it matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '*', '*'), maxLength: 5 });
    const value = fc.string({ unit: fc.constantFrom('a', '/', '@'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, value, (one, other, sample) => {
        fc.pre(!one.includes('***') && !other.includes('***'));
        if (coversGlob(glob(one), glob(other)) && matchesGlob(glob(other), sample))
          expect(matchesGlob(glob(one), sample)).toBe(true);
      }),
      runs(2000),
    );
  });

  it('of many words of places is matched like one of few', () => {
    const filling = fc.string({ unit: fc.constantFrom('a', '/'), minLength: 24, maxLength: 70 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 6 });
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 });
    fc.assert(
      fc.property(filling, text, value, (before, pattern, sample) => {
        fc.pre(!pattern.includes('***'));
        const short = matchesGlob(glob(pattern), sample);
        expect(matchesGlob(glob(`${before}${pattern}`), `${before}${sample}`)).toBe(short);
        expect(matchesGlob(glob(`${pattern}${before}`), `${sample}${before}`)).toBe(short);
      }),
      runs(2000),
    );
  });

  it('of the most stars is matched in time linear in the value', async () => {
    const pattern = glob('*a'.repeat(500));
    await expectLinear(
      (size) => `${'a'.repeat(size)}b`,
      (value) => {
        expect(matchesGlob(pattern, value)).toBe(false);
      },
      { size: 100_000 },
    );
  });
});

it.each([
  ['**', 'a*', true],
  ['a*', 'ab', true],
  ['a*', 'a**', false],
  ['*', '*', true],
  ['a', '*', false],
  ['https://**', 'https://acme.example/*', true],
])('%s covers %s: %s', (one, other, covers) => {
  expect(coversGlob(glob(one), glob(other))).toBe(covers);
});
