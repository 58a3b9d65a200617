import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Every document of the checkout, by its path from there. */
export const DOCUMENTS: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`),
].sort();

/** The documents that people write; the help of all commands is made of the source. */
export const WRITTEN_DOCUMENTS: readonly string[] = DOCUMENTS.filter((name) => name !== 'docs/commands.md');

/** The text of a document. */
export function readDocument(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** A block of code in a document: its language, its lines, and the number of its first one. */
export interface CodeBlock {
  readonly language: string;
  readonly lines: readonly string[];
  /** Counted from zero. */
  readonly first: number;
}

/** The blocks of code of a document, also those that are indented, without the indentation. */
export function codeBlocks(text: string): CodeBlock[] {
  const lines = text.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^( *)```(\S*)/.exec(lines[at] ?? '');
    if (opening === null) continue;
    const [, indentation = '', language = ''] = opening;
    const first = at + 1;
    for (at++; at < lines.length && lines[at]?.trim() !== '```';) at++;
    const content = lines.slice(first, at).map((line) => line.slice(indentation.length));
    blocks.push({ language, lines: content, first });
  }
  return blocks;
}

/** What stands in a document as code within a line. */
export function inlineCode(text: string): string[] {
  const prose = text.replace(/^ *```[^]*?^ *```$/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\n', ' '));
}
