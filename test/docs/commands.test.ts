import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/program/table.ts';
import { readDocument, WRITTEN_DOCUMENTS } from '../support/documents.ts';

const root = join(import.meta.dirname, '../..');
const read = (document: string) => readFileSync(join(root, document), 'utf8');

/** For users. */
const GUIDES = WRITTEN_DOCUMENTS.filter((name) => name === 'README.md' || /^docs\/[^/]+$/.test(name));

/** The sub-commands that a heading of docs/json.md names. */
const described = [...read('docs/json.md').matchAll(/^## (.*)$/gm)].flatMap(([, heading = '']) =>
  [...heading.matchAll(/`([^`]+)`/g)].map(([, command]) => command),
);

const runIn = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => read(join('test', path)));

describe.each(COMMANDS.map(({ path, load }) => [path.join(' '), { path, load }] as const))(
  'helm sigstore %s',
  (words, { path, load }) => {
    it('is explained in a document, beside its help', () => {
      const named = new RegExp(`(?:helm sigstore |\`)${words}\\b`);
      expect(GUIDES.filter((guide) => named.test(readDocument(guide)))).not.toEqual([]);
    });

    it('has its members in docs/json.md, if it prints JSON', async () => {
      const { options } = await load();
      if (options.includes('output')) expect(described).toContain(words);
    });

    it('is run by a test', () => {
      const inCode = path.map((word) => `'${word}'`).join(', ');
      expect(runIn.some((code) => code.includes(`[${inCode}`))).toBe(true);
    });
  },
);
