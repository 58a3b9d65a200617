import { expect, test } from 'vitest';
import { IndexCutter } from '../../src/chart/index/index-pieces.ts';
import { MalformedError } from '../../src/errors.ts';

const INDEX = [
  'apiVersion: v1',
  'entries:',
  '  a:',
  '  # the first',
  '  - version: 1.0.0',
  '    description: |',
  '      \u00e9\u2028 \ud83d\ude00',
  '  - version: 2.0.0\r',
  '  b: []',
  'generated: "2026-01-01T00:00:00Z"',
].join('\n');

function cut(text: string, size: number): readonly object[] {
  const cutter = new IndexCutter();
  const bytes = Buffer.from(text);
  const pieces: object[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...cutter.add(bytes.subarray(at, at + size)));
  return [...pieces, ...cutter.end()];
}

test('the pieces of an index are the same, wherever the bytes that are read of it end', () => {
  const whole = cut(INDEX, INDEX.length * 2);
  expect(whole).toHaveLength(4);
  for (let size = 1; size < INDEX.length; size++) expect(cut(INDEX, size)).toEqual(whole);
});

test.each([1 << 12, 1 << 22])('a line of more than a mebibyte is refused, read by %i bytes', (size) => {
  expect(() => cut(`a: ${'x'.repeat(1 << 20)}`, size)).toThrow(MalformedError);
  expect(() => cut(`a: ${'x'.repeat(1 << 20)}\nb: c\n`, size)).toThrow('expected lines of at most');
});
