import { expect, it } from 'vitest';
import { foldAsGo } from '../src/go-names.ts';

/** The simple case folding of Unicode, which Go's reader of JSON uses, is what `iu` means in a regular expression as well. */
it('exactly the letters that Unicode folds onto an ASCII letter are one name with it', () => {
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
    const alike = new RegExp(`^${letter}$`, 'iu');
    const otherwise = [];
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      if (alike.test(character) !== (foldAsGo(character) === letter)) otherwise.push(code.toString(16));
    }
    expect(otherwise).toEqual([]);
  }
});

it('longer names are folded letter by letter', () => {
  expect(foldAsGo('toKen\u017f\u212a')).toBe('tokensk');
  // What folds onto several letters, in full case folding alone, is another name for Go.
  expect(foldAsGo('con\ufb01g')).not.toBe('config');
});
