import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../src/encoding.ts';
import { MalformedError } from '../src/errors.ts';
import { parseJson } from '../src/shape.ts';

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

describe('JSON of foreign origin', () => {
  it.each([
    ['a value', '{"a":[1,"x"]}', { a: [1, 'x'] }],
    ['brackets in a text, which do not nest', JSON.stringify(nested(1000)), nested(1000)],
    ['an escaped quote before brackets', JSON.stringify(`"${'['.repeat(200)}`), `"${'['.repeat(200)}`],
    ['a backslash at the end of a text', JSON.stringify(['\\', []]), ['\\', []]],
    ['many lists beside each other', JSON.stringify(Array(500).fill([])), Array(500).fill([])],
  ])('is read: %s', (_, text, value) => {
    expect(parseJson(encodeUtf8(text))).toEqual(value);
  });

  it('may nest a hundred deep, and not one deeper', () => {
    expect(() => parseJson(encodeUtf8(nested(100)))).not.toThrow();
    expect(() => parseJson(encodeUtf8(nested(101)))).toThrow('JSON nested more than 100 deep');
  });

  it('is refused for its depth before it is parsed, whole or not', () => {
    expect(() => parseJson(encodeUtf8('['.repeat(1 << 20)))).toThrow('JSON nested more than 100 deep');
  });

  it('has the depth of the brackets that are not in texts, whatever is escaped there', () => {
    const piece = fc.constantFrom('[', '[[[[[[[[', '"', '\\', '\\"', '\\\\', ']', 'a', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const json = `${pieces.join('')}${'['.repeat(60)}`;
        const isTooDeep = depthByCharacters(json) > 100;
        const refused = expect(() => parseJson(encodeUtf8(json)));
        if (isTooDeep) refused.toThrow('JSON nested more than 100 deep');
        else refused.toThrow('expected JSON');
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 'found nothing'],
    ['<!doctype html><p>', 'found an HTML page'],
    ['{"a":', 'found "{'],
  ])('is refused when it is none: %j', (text, message) => {
    expect(() => parseJson(encodeUtf8(text))).toThrow(MalformedError);
    expect(() => parseJson(encodeUtf8(text))).toThrow(message);
  });
});

/** The greatest depth, one character after the other. */
function depthByCharacters(json: string): number {
  let deepest = 0;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (isInText && character === '\\') at++;
    else if (character === '"') isInText = !isInText;
    else if (!isInText && character === '[') deepest = Math.max(deepest, ++depth);
    else if (!isInText && character === ']') depth--;
  }
  return deepest;
}
