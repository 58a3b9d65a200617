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

  it.each([
    ['', 'found nothing'],
    ['<!doctype html><p>', 'found an HTML page'],
    ['{"a":', 'found "{'],
  ])('is refused when it is none: %j', (text, message) => {
    expect(() => parseJson(encodeUtf8(text))).toThrow(MalformedError);
    expect(() => parseJson(encodeUtf8(text))).toThrow(message);
  });
});
