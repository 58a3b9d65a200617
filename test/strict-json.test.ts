import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../src/encoding.ts';
import { MalformedError } from '../src/errors.ts';
import { parseStrictJson } from '../src/strict-json.ts';

function parse(text: string): unknown {
  return parseStrictJson(encodeUtf8(text));
}

describe('strict JSON', () => {
  test.each([
    ['at the top', '{"a":1,"a":1}'],
    ['in an object in an array', '[1,{"a":{"b":[{"c":1,"c":2}]}}]'],
    ['spelt with an escape', String.raw`{"kind":"helm","k\u0069nd":"rekord"}`],
    ['with white space before the colon', '{"a" :1,"b":2,"a"\n:3}'],
    ['after an object of its own', '{"a":{"b":1},"a":2}'],
    ['that is empty', '{"":1,"":2}'],
    ['with quotes and backslashes in its name', String.raw`{"\\\"":1,"\\\"":2}`],
    ['that an object has by inheritance', '{"__proto__":1,"__proto__":2}'],
  ])('a member that comes twice is refused %s', (_, text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(() => parse(text)).toThrow(/JSON names the member .* twice/);
  });

  test.each([
    ['equal names in different objects', '[{"a":1},{"a":1},{"b":{"a":1}}]'],
    ['a value that looks like a member', String.raw`{"a":"b\":","b":["\"a\":1","a"],"c":"{\"a\":1"}`],
    ['names that differ in case', '{"a":1,"A":2}'],
    ['plain values', '"a"'],
  ])('%s are accepted', (_, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['nothing', ''],
    ['data after the value', '{} {}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/**/}'],
    ['a byte order mark', '\ufeff{}'],
    ['a NUL after it', '{}\0'],
  ])('%s is refused', (_, text) => {
    expect(() => parse(text)).toThrow(MalformedError);
  });

  test('bytes that are not UTF-8 are refused', () => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8 text');
  });

  test('a million open brackets end in MalformedError', () => {
    expect(() => parse('['.repeat(1e6))).toThrow(MalformedError);
  });

  test('a very long string is no trouble', () => {
    const text = JSON.stringify({ a: '\\"'.repeat(1e6), b: 'x'.repeat(5e6) });
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test('what JSON.stringify writes is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('a doubled member is found wherever it is put', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(9), (object, depth) => {
        const [name = ''] = Object.keys(object);
        const doubled = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:0}`;
        expect(() => parse('[{"x":'.repeat(depth) + doubled + '}]'.repeat(depth))).toThrow('twice');
      }),
    );
  });

  test('no bytes crash it with anything but MalformedError', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          parseStrictJson(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});
