import { expect, test } from 'vitest';
import { readFileName } from '../../src/provenance/file-name.ts';

const VISIBLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

test('a name has visible characters of any language, and no other', () => {
  const codes = [...Array(0x500).keys(), 0x200b, 0x2028, 0xd800, 0xfeff, 0x682a, 0x1f600, 0xe0041];
  for (const code of codes) {
    const character = String.fromCodePoint(code);
    const name = `a${character}b.tgz`;
    const isGood = VISIBLE.test(character) && character !== '/' && character !== '\\';
    expect(readFileName(`'${name.replaceAll("'", "''")}'`), code.toString(16)).toBe(
      isGood ? name : undefined,
    );
  }
});
