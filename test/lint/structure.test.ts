import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** What a reader of `src` may rely on: a name means one thing, and a file can be read in one go. */

const MOST_LINES = 200;

const SRC = join(import.meta.dirname, '../../src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

/** A declaration that is exported; what is exported from another file is declared there. */
const DECLARES =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/;
const PASSES_ON = /^export (?:type )?\{(?:[^}]*\} from|$)/;
const LISTS = /^export \{([^}]*)\};$/;

const OVERLOADS = /^export function \w+.*;$/;

/** The names that a text exports and does not have from elsewhere. */
function exportedNames(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('export ') && !OVERLOADS.test(line));
  return lines.flatMap((line) => {
    const listed = LISTS.exec(line)?.[1]
      ?.split(',')
      .map((name) => name.trim());
    if (listed !== undefined) return listed.filter((name) => !imports(text, name));
    const name = DECLARES.exec(line)?.[1];
    if (name === undefined && !PASSES_ON.test(line)) throw new Error(`not understood: ${line}`);
    return name ?? [];
  });
}

function imports(text: string, name: string): boolean {
  return text.split('\n').some((line) => line.startsWith('import ') && line.split(/\W/).includes(name));
}

/** Names that are exported twice, with the files: by several, or by one, where TypeScript would merge two interfaces. */
function namesTwice(files: readonly { readonly file: string; readonly text: string }[]): string[] {
  const places = new Map<string, string[]>();
  for (const { file, text } of files)
    for (const name of exportedNames(text)) places.set(name, [...(places.get(name) ?? []), file]);
  return [...places]
    .filter(([, where]) => where.length > 1)
    .map(([name, where]) => `${name}: ${where.join(', ')}`);
}

it('every form of export is seen', () => {
  const forms = [
    'export async function* one() {}',
    'export const two = 2;',
    'export abstract class Three {}',
    'export interface Four {',
    'export type Five = 5;',
    "export { six } from './six.ts';",
    'export {',
    "import { seven } from './seven.ts';",
    'export { seven, eight };',
    'export function nine(one: string): void;',
    'export function nine(one?: string): void {',
  ];
  expect(exportedNames(forms.join('\n'))).toEqual(['one', 'two', 'Three', 'Four', 'Five', 'eight', 'nine']);
  expect(() => exportedNames('export default 1;')).toThrow('not understood');
  expect(() => exportedNames("export * from './all.ts';")).toThrow('not understood');
  const again = { file: 'b.ts', text: 'export interface One {}' };
  expect(namesTwice([{ file: 'a.ts', text: 'export class One {}' }, again])).toEqual(['One: a.ts, b.ts']);
  expect(namesTwice([{ file: 'b.ts', text: `${again.text}\n${again.text}` }])).toEqual(['One: b.ts, b.ts']);
});

it('no exported name stands twice', () => {
  expect(sources.length).toBeGreaterThan(200);
  expect(namesTwice(sources)).toEqual([]);
});

it(`no file has more than ${MOST_LINES} lines`, () => {
  const long = sources.filter(({ text }) => text.split('\n').length - 1 > MOST_LINES);
  expect(long.map(({ file }) => file)).toEqual([]);
});
