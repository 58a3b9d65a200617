import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestModule } from 'vitest/node';
import { describe, expect, it } from 'vitest';
import { cases, casePath } from './support/cases.ts';
import { reasonIn, SkippedReporter } from './support/skipped-reporter.ts';

/** A module as the runner gives it, of which the reporter reads the titles of skipped tests only. */
function moduleWith(...titles: string[]): TestModule {
  const tests = titles.map((fullName) => ({ fullName, result: () => ({ note: undefined }) }));
  return { children: { allTests: () => tests } } as unknown as TestModule;
}

function said(left: readonly string[], ...modules: TestModule[]): string {
  let text = '';
  new SkippedReporter(left, (piece) => (text += piece)).onTestRunEnd(modules);
  return text;
}

describe('the end of a test run', () => {
  it('counts what was skipped, by its reason', () => {
    const first = moduleWith('a (needs the vectors) > b', 'a (needs the vectors) > c', 'd (needs root)');
    const text = said([], first, moduleWith('e (needs a Unix) > f (needs root)'));
    expect(text).toMatch(/^\nSkipped: 4 tests\n {6}2 {2}needs the vectors: .*\n {6}2 {2}needs root\n$/);
  });

  it('names the files that were left out', () => {
    expect(said(['test/a.test.ts'])).toBe(
      '\nLeft to CI and `npm run test:all`, as they take seconds each or need gpg: 1 files\n         test/a.test.ts\n',
    );
  });

  it('says so when nothing was', () => {
    expect(said([])).toBe('\nSkipped: none\n');
  });
});

it('every test that may be skipped has its reason in its title', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const without = files
    .filter((file) => file.endsWith('.test.ts') && file !== 'skipped.test.ts')
    .flatMap((file) => {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      const places = text.split(/\.(?:skipIf|runIf|skip)\(/).slice(1);
      // The title is a text, or a variable that is declared above.
      const known = (place: string) =>
        place.slice(0, 600).includes('(needs ') ||
        (/^[^)]*\)\(title\b/.test(place) && /const title =\s+[^\n]*\(needs /.test(text));
      return places.filter((place) => !known(place)).map((place) => `${file}: ${place.slice(0, 80)}`);
    });
  expect(without).toEqual([]);
});

it('what has no reason in its title is counted as such', () => {
  expect(reasonIn('a > b')).toContain('without a reason');
});

describe.skipIf(cases === undefined)('the cases beside the checkout (needs the cases)', () => {
  it('are read in place', () => {
    expect(readFileSync(casePath('README.md'), 'utf8')).toContain('06-action-with-many-charts');
  });
});
