import { describe, expect, it } from 'vitest';
import { readDocument, WRITTEN_DOCUMENTS } from '../support/documents.ts';

/** What a reader in a hurry, or one of another language, stumbles over. */
const STUMBLES: readonly (readonly [string, RegExp])[] = [
  ['a word twice', /\b([a-z]+) \1\b(?! [a-z]+ that\b)/gi],
  ['an empty courtesy', /\b(?:please note|note that|it should be noted|of course|simply|just run)\b/gi],
  ['a link without a name', /\[(?:here|this|click here)\]\(/gi],
  ['a negation of a negation', /\bnot un[a-z]+|\bnot without\b/gi],
];

describe.each(WRITTEN_DOCUMENTS)('%s', (document) => {
  const prose = readDocument(document)
    .replace(/^ *```[^]*?^ *```$/gm, '')
    .replace(/`[^`]*`/g, '§');

  it.each(STUMBLES)('has nowhere %s', (_, pattern) => {
    expect(prose.match(pattern) ?? []).toEqual([]);
  });
});

it('the patterns find what they are for', () => {
  const bad = ['of the the log', 'Please note the log', 'see [here](x.md)', 'it is not unlike a log'];
  expect(STUMBLES.map(([, pattern], index) => (bad[index] ?? '').match(pattern)?.length)).toEqual([
    1, 1, 1, 1,
  ]);
});
