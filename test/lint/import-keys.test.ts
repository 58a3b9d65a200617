import { expect, it } from 'vitest';
import { keysOf } from '../../scripts/lint/import-keys.mjs';

const FILES: Readonly<Record<string, string>> = {
  'src/a.ts': "import { b } from './b.ts';\nimport { z } from 'zod';\n",
  'src/b.ts': "import type { C } from './rooms/c.ts';\nexport const b = 1;\n",
  'src/rooms/c.ts': "export type { D } from '../d.ts';\nimport '../a.ts';\n",
  'src/d.ts':
    "export const load = async () => await import(\n  './e.json',\n  { with: { type: 'json' } },\n);\n",
  'src/e.json': '{}',
  'src/f.ts': 'export const alone = 1;\n',
  'scripts/g.mjs': "/** @typedef {import('../src/d.ts').D} D */\n",
  'scripts/h.cjs': 'require("./g.mjs");\n',
  'src/absent.ts': "import { x } from './x.ts';\n",
  'test/words.ts': "declare module 'vitest' {}\nimport { n } from './n.ts';\n",
  'test/n.ts': 'export const n = 1;\n',
  'eslint.config.mjs': 'export default [];\n',
};
const COMMON = ['eslint.config.mjs'];

/** Which files have another key once one of them has another text; a new one has no key before. */
function changedBy(file: string, text = `${FILES[file] ?? ''}\n`): string[] {
  const keys = (files: Readonly<Record<string, string>>) => keysOf(new Map(Object.entries(files)), COMMON);
  const [before, after] = [keys(FILES), keys({ ...FILES, [file]: text })];
  return [...after].filter(([name, key]) => before.get(name) !== key).map(([name]) => name);
}

const ALL = Object.keys(FILES);
const WHO_USES_D = ['src/a.ts', 'src/b.ts', 'src/rooms/c.ts', 'src/d.ts', 'scripts/g.mjs', 'scripts/h.cjs'];

it('texts that stay have the same keys, whatever order they are in', () => {
  const turned = new Map(Object.entries(FILES).reverse());
  const keys = keysOf(new Map(Object.entries(FILES)), COMMON);
  expect(new Map(keysOf(turned, COMMON))).toEqual(keys);
  expect(new Set(keys.values()).size).toBe(ALL.length);
});

it.each([
  ['a file that nothing imports', 'src/f.ts', ['src/f.ts']],
  ['what is imported in a circle, by types and by exports', 'src/d.ts', WHO_USES_D],
  ['what is loaded later', 'src/e.json', [...WHO_USES_D, 'src/e.json']],
  ['what a comment imports', 'scripts/g.mjs', ['scripts/g.mjs', 'scripts/h.cjs']],
  ['a file that was not there', 'src/x.ts', ['src/absent.ts', 'src/x.ts']],
  ['types of all files', 'test/words.ts', ALL],
  ['what types of all files import', 'test/n.ts', ALL],
  ['what all files are judged by', 'eslint.config.mjs', ALL],
])('%s changes the keys of all that it reaches, and no others', (_, file, changed) => {
  expect(changedBy(file).sort()).toEqual([...changed].sort());
});

it('a file by another name has another key', () => {
  const keys = keysOf(new Map([['a.ts', '']]), []);
  expect(keysOf(new Map([['b.ts', '']]), []).get('b.ts')).not.toBe(keys.get('a.ts'));
});
