import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SearchIndex } from '../../src/embedded-log/index/search-index.ts';

const keys = fc.constantFrom('a', 'B', 'b', 'c', 'nobody');

it('a search finds what any or all of its keys find, in order, each once, up to the limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(keys, { maxLength: 4 }), { maxLength: 30 }),
      fc.array(keys, { maxLength: 4 }),
      fc.constantFrom('and' as const, 'or' as const),
      fc.nat(12),
      (entries, asked, operator, limit) => {
        const index = new SearchIndex();
        entries.forEach((names, at) => {
          index.add(names, at);
        });
        const has = (names: readonly string[]) => (key: string) =>
          names.some((name) => name.toLowerCase() === key.toLowerCase());
        const all = entries.flatMap((names, at) => {
          const isFound = operator === 'or' ? asked.some(has(names)) : asked.every(has(names));
          return isFound && asked.length > 0 ? [at] : [];
        });
        expect(index.find(asked, operator, limit)).toEqual(all.slice(0, limit));
        expect(index.count(asked)).toBeGreaterThanOrEqual(all.length);
      },
    ),
  );
});
