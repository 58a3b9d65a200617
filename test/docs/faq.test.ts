import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUS } from '../../src/cli/exit-status.ts';
import { FAILED_CHECK_HINTS } from '../../src/verification/hints.ts';
import { errorTexts } from '../support/error-texts.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

/** Errors of commander. */
const MADE_OTHERWISE = ['unknown option …'];

interface Section {
  readonly heading: string;
  readonly text: string;
  /** What stands as code in the first cells of its tables. */
  readonly words: readonly string[];
}

const sections = read('faq.md')
  .split(/^## /m)
  .slice(1)
  .map((text): Section => {
    const [heading = ''] = text.split('\n', 1);
    const rows = [...text.matchAll(/^\| ([^|]*(?:`[^`]*`[^|]*)*)\|/gm)];
    return {
      heading,
      text,
      words: rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words)),
    };
  });

/**
 * Whether the words of a row stand for a message: all that is not `…`, in this order, from its beginning on unless they begin
 * with `…`. What stands before the first colon of a message may be the name of a chart.
 */
function fits(words: string, message: string): boolean {
  const parts = words.split('…').map((each) => each.trim());
  const [first = ''] = parts;
  if (!message.replace(/^…: /, '').startsWith(first) && !message.startsWith(first)) return false;
  let at = 0;
  for (const part of parts) {
    const found = message.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** The sections whose table may have an error of this code. */
function sectionsOf(code: string | undefined): Section[] {
  const status = code === undefined ? undefined : EXIT_STATUS[code as keyof typeof EXIT_STATUS];
  return sections.filter(({ heading }) =>
    status === undefined ? / status \d+/.test(heading) : new RegExp(` status ${status}\\b`).test(heading),
  );
}

/** Those of status 1 have a table of their own. */
const texts = errorTexts().filter(({ code }) => code !== 'INTERNAL' && code !== 'OUTPUT');

describe('docs/faq.md', () => {
  it.each(Object.entries(EXIT_STATUS))('has the code %s below its status, %s', (code, status) => {
    const named = sections.filter(({ text }) => text.includes(`\`${code}\``));
    expect(named.map(({ heading }) => heading)).toEqual([
      expect.stringMatching(new RegExp(`status ${status}\\b`)) as string,
    ]);
  });

  it('has a line for each error of the source', () => {
    expect(texts.length).toBeGreaterThan(380);
    const missing = texts.filter(
      ({ code, words }) => !sectionsOf(code).some((section) => section.words.some((row) => fits(row, words))),
    );
    expect(missing).toEqual([]);
  });

  it('has no line that stands for every error, or for none', () => {
    const rows = sections
      .filter(({ heading }) => / status (?:2|3|4|5|10)\b/.test(heading))
      .flatMap((section) => section.words.map((row) => ({ section, row })));
    expect(rows.length).toBeGreaterThan(100);
    const idle = rows.filter(
      ({ section, row }) =>
        !/^`?(?:-|LOG_|[A-Z_]+$)/.test(row) &&
        !texts.some(({ code, words }) => sectionsOf(code).includes(section) && fits(row, words)),
    );
    expect(idle.map(({ row }) => row)).toEqual(MADE_OTHERWISE);
    expect(rows.filter(({ row }) => row.replace(/[^a-z]/gi, '').length < 3)).toEqual([]);
  });

  it.each([
    ['the policy refuses it: ', 'render/diagnosis.ts'],
    ['this is a defect of helm sigstore: ', 'cli/diagnose.ts'],
    ['cannot write the answer: ', 'main.ts'],
  ])('has the words "%s" as %s makes them', (words, file) => {
    expect(readFileSync(join(import.meta.dirname, '../../src', file), 'utf8')).toContain(words);
    expect(read('faq.md')).toContain(`\`${words}…\``);
  });

  it.each(Object.keys(FAILED_CHECK_HINTS))('says what it means that %s failed', (id) => {
    const [section] = sections.filter(({ heading }) => heading === 'A check failed');
    expect(section?.words).toContain(id);
  });

  it('has what docs/install.md quotes of Helm', () => {
    const [, said = ''] = /^What Helm says: (.*)$/m.exec(read('install.md')) ?? [];
    const quoted = [...said.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);
    expect(quoted.length).toBeGreaterThan(2);
    const [section] = sections.filter(({ heading }) => heading === 'What Helm says');
    expect(quoted.filter((words) => !section?.words.some((row) => fits(row, words)))).toEqual([]);
  });
});
