import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { commandsPage } from '../../scripts/commands-page.mjs';
import { completionScript, completionYaml, completionYamlWithValues } from '../../scripts/completion.mjs';
import { commandTree } from '../../src/program/command-tree.ts';
import { runProgram } from '../support/program.ts';

const program = await commandTree();

describe('what is made from the tree of commands is current (after a change: npm run docs:commands)', () => {
  it.each([
    ['docs/commands.md', commandsPage(program), 0o644],
    ['completion.yaml', completionYaml(program), 0o644],
    ['completion-windows.yaml', completionYamlWithValues(program), 0o644],
    ['plugin.complete', completionScript(program), 0o755],
  ])('%s', async (file, content, mode) => {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, content, { mode });
    expect(await readFile(path, 'utf8')).toBe(content);
  });
});

const commands = program.commands.flatMap((each) => [each, ...each.commands]);
const wordsOf = (command: (typeof commands)[number]): string[] =>
  command.parent === null ? [] : [...wordsOf(command.parent), command.name()];

describe('help', () => {
  test.each([program, ...commands].map((command) => [wordsOf(command).join(' '), wordsOf(command)] as const))(
    'of "%s" is what docs/commands.md has',
    async (_, words) => {
      const { stdout } = await runProgram([...words, '--help']);
      expect(commandsPage(program)).toContain(
        `## ${['helm sigstore', ...words].join(' ')}\n\n\`\`\`\n${stdout}`,
      );
    },
  );

  it('has sentences that are broken nowhere but at its width, and nothing longer but examples', () => {
    for (const command of [program, ...commands]) {
      expect(command.description().replaceAll('\n\n', '')).not.toContain('\n');
      const lines = command.helpInformation().split('\n');
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
    }
  });
});

describe.skipIf(process.platform === 'win32')('plugin.complete (needs a Unix)', () => {
  const script = fileURLToPath(new URL('../../plugin.complete', import.meta.url));
  const complete = (...words: string[]) => execFileSync(script, words, { encoding: 'utf8' }).split('\n');

  it.each([
    ['a chart', ['verify', ''], ['tgz', 'yaml', 'yml', ':8', '']],
    ['a further chart', ['upload', 'a.tgz', ''], ['tgz', 'yaml', 'yml', ':8', '']],
    [
      'a chart after an option without a value',
      ['verify', '--require-consistency', 'he'],
      ['tgz', 'yaml', 'yml', ':8', ''],
    ],
    ['the values of an option', ['verify', '--output', ''], ['text', 'json', 'jsonl', ':4', '']],
    ['a file for an option', ['verify', '--keyring', ''], [':0', '']],
    ['a folder for an option', ['log', 'serve', '--dir', ''], [':16', '']],
    ['nothing for a value that nobody can guess', ['verify', '--fingerprint', ''], [':4', '']],
    ['nothing for a word that begins as an option: Helm knows their names', ['verify', '--out'], [':4', '']],
    ['nothing for an option with its value in one word', ['verify', '--output='], [':4', '']],
    ['a file of keys', ['keys', 'add', ''], [':0', '']],
    ['nothing where no file can follow', ['log', 'pin', ''], [':4', '']],
    ['nothing for words that a shell might act on', ['verify', '--fingerprint', '$(exit 1)*'], [':4', '']],
  ])('offers %s', (_, words, answer) => {
    expect(complete(...words)).toEqual(answer);
  });
});

test.each([
  [['keys', 'list'], "unknown command 'keys list'"],
  [['keys', 'ad', 'publisher.asc', '--fingerprint', 'AB'], "unknown command 'keys ad'"],
])('%j names the commands that there are, and what the first word does alone', async (argv, message) => {
  const { status, stderr } = await runProgram(argv);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `Error: ${message}\nHint: there are keys add, keys remove; keys alone: list the OpenPGP keys whose signatures count\n`,
  });
});
