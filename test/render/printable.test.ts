import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { printableJson, printableLine } from '../../src/render/printable.ts';

/** Characters that a terminal acts on, or that nobody sees. */
const UNSEEN: readonly (readonly [name: string, character: string])[] = [
  ...Array.from({ length: 32 }, (_, code) => [`C0 ${code}`, String.fromCharCode(code)] as const),
  ['DEL', '\u007f'],
  ...Array.from({ length: 32 }, (_, code) => [`C1 ${code}`, String.fromCharCode(0x80 + code)] as const),
  ['soft hyphen', '\u00ad'],
  ['Arabic letter mark', '\u061c'],
  ['zero width space', '\u200b'],
  ['left-to-right mark', '\u200e'],
  ['right-to-left mark', '\u200f'],
  ['line separator', '\u2028'],
  ['paragraph separator', '\u2029'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e'].map((each) => ['embedding', each] as const),
  ['word joiner', '\u2060'],
  ...['\u2066', '\u2067', '\u2068', '\u2069'].map((each) => ['isolate', each] as const),
  ['byte order mark', '\ufeff'],
  ['interlinear annotation', '\ufff9'],
  ['half of a surrogate pair', '\ud83d'],
  ['the other half', '\ude00'],
  ['tag', '\u{e0041}'],
  ['filler', '\u3164'],
];

const escaped = (text: string) =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

describe.each(UNSEEN)('%s is not printed', (_, character) => {
  test('in text, where its escape is seen', () => {
    expect(printableLine(`a${character}b`)).toBe(`a${escaped(character)}b`);
  });

  test.each([undefined, 2])('in JSON, which parses to the same (indented by %s)', (indent) => {
    const value = { name: `a${character}b`, [`x${character}`]: [character] };
    const json = printableJson(value, indent);
    expect(json.replaceAll('\n', '')).not.toContain(character === '\n' ? '\0' : character);
    expect(JSON.parse(json)).toEqual(value);
  });
});

it('what people write in their languages stays as it is', () => {
  const text = 'Jürgen Müller, 株式会社, Ελλάδα, العربية, 😀, a\u0301';
  expect(printableLine(text)).toBe(text);
  expect(printableJson(text)).toBe(`"${text}"`);
});

it('any text is one line of what is seen, and JSON parses to it', () => {
  const seen = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      for (const text of texts) expect(printableLine(text)).toMatch(seen);
      const json = printableJson(texts);
      expect(json).toMatch(seen);
      const plain = texts.filter((text) => !/[:/]/.test(text));
      expect(JSON.parse(printableJson(plain))).toEqual(plain);
    }),
  );
});

it('URLs in JSON are without credentials, at any depth', () => {
  const value = {
    chart: 'https://ci:s3cr3t@h/a?t0k3n',
    errors: [{ message: 'no file https://ci:s3cr3t@h' }],
  };
  expect(JSON.parse(printableJson(value))).toEqual({
    chart: 'https://***@h/a?***',
    errors: [{ message: 'no file https://***@h' }],
  });
});
