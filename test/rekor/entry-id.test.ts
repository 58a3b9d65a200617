import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { formatEntryId, parseEntryId } from '../../src/rekor/entry-id.ts';

const leaf = '174e6af6fb4c1e5a545a705e20aca4b572d8d02b9f88d2943ea02721c9e785a4';

describe('entry IDs', () => {
  test('64 digits are a leaf hash in any tree', () => {
    expect(parseEntryId(leaf)).toEqual({ leafHash: leaf, text: leaf });
  });

  test('80 digits are a tree ID and a leaf hash', () => {
    expect(parseEntryId(`38d3f72727e1b7a4${leaf}`)).toEqual({
      treeId: '4094888233754802084',
      leafHash: leaf,
      text: `38d3f72727e1b7a4${leaf}`,
    });
  });

  test('a small tree ID is padded to sixteen digits', () => {
    expect(formatEntryId(leaf, '7').text).toBe(`0000000000000007${leaf}`);
  });

  test.each([
    ['empty', ''],
    ['63 digits', leaf.slice(1)],
    ['upper case', leaf.toUpperCase()],
    ['not hexadecimal', `g${leaf.slice(1)}`],
    ['a line break after it', `${leaf}\n`],
    ['tree ID zero', `0000000000000000${leaf}`],
    ['a tree ID with the top bit set', `8000000000000000${leaf}`],
  ])('%s is refused', (_, text) => {
    expect(() => parseEntryId(text)).toThrow(MalformedError);
  });

  test.each(['0', '-1', '01', '9223372036854775808', '1e3', ''])('tree ID %j is refused', (treeId) => {
    expect(() => formatEntryId(leaf, treeId)).toThrow(MalformedError);
  });

  test('every tree ID survives formatting and parsing', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 63n - 1n), (treeId) => {
        const id = formatEntryId(leaf, treeId.toString());
        expect(parseEntryId(id.text)).toEqual({ treeId: treeId.toString(), leafHash: leaf, text: id.text });
      }),
    );
  });
});
