import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';

function read(document: string): string {
  return readFileSync(join(import.meta.dirname, '../..', document), 'utf8');
}

it('docs/json.md says how many checks there are, and which come first and last', () => {
  const [first, last] = [CHECK_IDS.at(0), CHECK_IDS.at(-1)];
  expect(read('docs/json.md')).toContain(
    `all ${CHECK_IDS.length} checks in the order of judgement, from \`${first}\` to \`${last}\`:`,
  );
});

it('README.md and docs/verify.md show as many checks as there are', () => {
  const shown = [
    ...`${read('README.md')}${read('docs/verify.md')}`.matchAll(
      /^Checks: ([0-9]+) passed, consistency skipped/gm,
    ),
  ];
  expect(shown.map(([, passed]) => Number(passed))).toEqual(shown.map(() => CHECK_IDS.length - 1));
  expect(shown).not.toHaveLength(0);
});

it.each(CHECK_IDS)('SECURITY.md says what %s is good for', (id) => {
  expect(read('SECURITY.md')).toContain(`\`${id}\``);
});
