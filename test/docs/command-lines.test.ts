import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { commandTree } from '../../src/program/command-tree.ts';
import { PASSING_COMMANDS } from '../../src/program/table.ts';
import { divideAtCommand } from '../../src/program/wrapper-words.ts';
import { codeBlocks, inlineCode, readDocument, WRITTEN_DOCUMENTS } from '../support/documents.ts';

/** Lines of code, and code within lines. */
function codeIn(document: string): string[] {
  const text = readDocument(document);
  return [...codeBlocks(text).flatMap(({ lines }) => lines), ...inlineCode(text)];
}

function wordsAfter(program: string, line: string): string[] | undefined {
  const at = line.indexOf(`${program} `);
  if (at < 0) return undefined;
  const [command = ''] = line.slice(at + program.length + 1).split(/ # | \| | > |#/);
  return command.split(/\s+/).filter((word) => word !== '');
}

const program = commandTree();

/** What is wrong with the words of a command line of ours. */
async function complaint(words: readonly string[]): Promise<string | undefined> {
  let command = await program;
  // What stands behind a verb of Helm is Helm's.
  let rest = divideAtCommand(words, PASSING_COMMANDS)?.words ?? words;
  for (let next = command.commands.find((each) => each.name() === rest[0]); next !== undefined;) {
    command = next;
    rest = rest.slice(1);
    next = command.commands.find((each) => each.name() === rest[0]);
  }
  if (command.commands.length > 0 && rest[0] !== undefined && /^[a-z]/.test(rest[0]))
    return `no command ${rest[0]}`;
  const known = ['--help', '--version', ...command.options.flatMap(({ long, short }) => [long, short])];
  const unknown = rest
    .filter((word) => word.startsWith('-') && word !== '-')
    .find((word) => !known.includes(word));
  return unknown === undefined ? undefined : `no option ${unknown}`;
}

describe.each(WRITTEN_DOCUMENTS)('%s', (document) => {
  const code = codeIn(document);

  it('names commands and options of ours that are there', async () => {
    const lines = code
      .map((line) => wordsAfter('helm sigstore', line))
      .filter((words) => words !== undefined);
    const wrong = await Promise.all(
      lines.map(async (words) => [words.join(' '), await complaint(words)] as const),
    );
    expect(wrong.filter(([, why]) => why !== undefined)).toEqual([]);
  });

  it('names scripts of npm that are there', () => {
    const scripts = code.map((line) => wordsAfter('npm run', line)?.[0]).filter((name) => name !== undefined);
    expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });
});
