import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { readDocument, WRITTEN_DOCUMENTS } from '../support/documents.ts';
import { PLANS } from './documents/plans.ts';
import { isShown, normalised, stepsOf, takeSteps, withOutputs } from './documents/session.ts';
import { Stage } from './documents/stage.ts';

const helm = inject('helms').find(({ version }) => version === '4.3.1');
const release = inject('release');

if (helm === undefined) test.skip('command lines of documents (needs Helm 4.3.1)', () => undefined);
else
  describe.each(PLANS)('$document', ({ document, before, between = {}, ends = {}, otherwise = {} }) => {
    const all = stepsOf(readDocument(document));
    const begins = (line: string) => (beginning: string) => line.startsWith(beginning);
    const steps = all.filter(({ line }) => !Object.keys(otherwise).some(begins(line)));

    // UPDATE_DOCS=1 writes what was seen into the document.
    test('does what it says, with a real Helm', async () => {
      const stage = await Stage.set(helm, release);
      await before?.(stage);
      const written = (line: string) => {
        const first = Object.entries(between).find(([beginning]) => begins(line)(beginning))?.[1];
        return `${first === undefined ? '' : `{ ${first}; } > ../between.txt 2>&1\n`}${stage.written(line)}`;
      };
      const taken = await takeSteps(steps, written, { cwd: stage.work, env: stage.env });
      const seen = taken.map((each) => ({ ...each, output: stage.asDocumented(each.output) }));
      const file = path.join(import.meta.dirname, '../..', document);
      if (process.env['UPDATE_DOCS'] === '1')
        writeFileSync(file, withOutputs(readFileSync(file, 'utf8'), seen));

      const shown = stepsOf(readDocument(document)).filter(({ line }) =>
        steps.some((each) => each.line === line),
      );
      for (const [index, { line, output, status }] of seen.entries()) {
        const expected = Object.entries(ends).find(([beginning]) => begins(line)(beginning))?.[1];
        const wants = shown[index]?.shown;
        const isFollowed = /^echo \$\?/.test(seen[index + 1]?.line ?? '');
        if (!isFollowed) expect({ line, status, output }).toEqual({ line, status: expected ?? 0, output });
        if (wants !== undefined && !isShown(output, wants))
          expect(normalised(output), line).toBe(normalised(wants.join('\n')));
      }
    });

    test('has every line that its plan is about', () => {
      for (const beginning of [ends, between, otherwise].flatMap((each) => Object.keys(each)))
        expect(
          all.filter(({ line }) => line.startsWith(beginning)),
          beginning,
        ).not.toEqual([]);
    });
  });

test('every document with command lines has a plan', () => {
  const users = WRITTEN_DOCUMENTS.filter((name) => name === 'README.md' || /^docs\/[^/]+$/.test(name));
  const planned = PLANS.map(({ document }) => document);
  const withLines = users.filter((name) => stepsOf(readDocument(name)).length > 0);
  expect(withLines.filter((name) => !planned.includes(name))).toEqual([]);
  expect(withLines.length).toBeGreaterThan(8);
});
