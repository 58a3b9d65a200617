import { describe, expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

const COMMANDS = ['upload', 'search', 'verify', 'inspect', 'log pin', 'log serve', 'version'];

describe.each([['--help'], ['-h'], ['help']])('%s', (help) => {
  test('lists every command', async () => {
    const { status, stdout, stderr } = await runProgram([help]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^ {2}${command.replace(/ .*/, '')} `, 'm'));
  });
});

describe('every help has an example that starts as the command does', () => {
  test.each([['', 'upload'], ['log', 'log'], ...COMMANDS.map((command) => [command, command])])(
    'helm sigstore %s',
    async (command = '', start = '') => {
      const { status, stdout } = await runProgram([...command.split(' ').filter(Boolean), '--help']);
      expect(stdout).toMatch(/^Usage: helm sigstore /);
      expect(stdout).toMatch(new RegExp(`^Examples:\\n {2}\\$ helm sigstore ${start}( |$)`, 'm'));
      expect(status).toBe(0);
    },
  );
});

test('help shows for each option its variable and its default', async () => {
  const { stdout } = await runProgram(['verify', '--help']);
  const text = stdout.replace(/\s+/g, ' ');
  expect(text).toContain(
    '--rekor-server <url> the transparency log; "log use" makes another one the default (variable: REKOR_SERVER, default: https://rekor.sigstore.dev)',
  );
  for (const variable of ['KEYRING', 'SIGSTORE_REKOR_PUBLIC_KEY', 'SIGSTORE_TRUSTED_ROOT'])
    expect(text).toContain(`variable: ${variable}`);
});

test('no option has the name of one that Helm takes for itself', async () => {
  for (const command of COMMANDS) {
    const { stdout } = await runProgram([...command.split(' '), '--help']);
    expect(stdout).not.toMatch(/--(debug|namespace|kube-\S+|registry-config|repository-\S+)\b| -n\b/);
  }
});

test.each([['version'], ['--version'], ['-v']])('%s prints the version', async (word) => {
  expect(await runProgram([word])).toEqual({ status: 0, stdout: '0.0.0-test\n', stderr: '' });
});

describe('where the sub-command is missing, its help is shown', () => {
  test.each([
    ['no word at all', [], []],
    ['a group alone', ['log'], ['log']],
    ['a group alone, with an option of all commands', ['log', '--keyring', 'a.gpg'], ['log']],
  ])('%s', async (_, argv, command) => {
    expect(await runProgram(argv)).toEqual(await runProgram([...command, '--help']));
  });
});

describe('a command line that is not understood is status 2 before any work', () => {
  test.each([
    [
      'an unknown command',
      ['frobnicate'],
      "unknown command 'frobnicate'",
      'helm sigstore --help lists the commands',
    ],
    [
      'help for an unknown one',
      ['help', 'x'],
      "unknown command 'x'",
      'helm sigstore --help lists the commands',
    ],
    [
      'an unknown command of a group',
      ['log', 'x'],
      "unknown command 'log x'",
      'there are log info, .*, log check, log rotate, log backup, .*, log forget',
    ],
    ['a command that is spelt wrong', ['uplaod'], "unknown command 'uplaod'", 'did you mean upload\\?'],
    ['upload without a chart', ['upload'], 'expected <chart>, found none', '--help after the command .*'],
    ['verify without a chart', ['verify'], 'expected <chart>, found none', '--help after the command .*'],
    ['inspect without a chart', ['inspect'], 'expected <chart>, found none', '--help after the command .*'],
    ['search without a query', ['search'], 'one chart, .* is expected, found none', undefined],
    [
      'log pin without an address',
      ['log', 'pin'],
      'expected <url>, found none',
      '--help after the command .*',
    ],
    [
      'log serve without a directory',
      ['log', 'serve'],
      '--dir is expected, found none',
      'name a directory .*',
    ],
    ['two charts for search', ['search', 'a', 'b'], 'search expects 1 argument, found 2', '--help after .*'],
    ['an unknown option', ['verify', '--foo'], "unknown option '--foo'", '--help after the command .*'],
    [
      'an option without its value',
      ['verify', 'a', '--as'],
      '--as <file> needs a value, found none',
      '--help after .*',
    ],
    [
      'an option with an empty value',
      ['verify', 'a', '--as', ''],
      '--as <file> needs a value, found an empty one',
      undefined,
    ],
    [
      'an unknown form of output',
      ['verify', 'a', '--output', 'xml'],
      '--output <format> expects .*, found "xml"',
      '.*',
    ],
    [
      'a duration that is none',
      ['verify', 'a', '--timeout', 'soon'],
      '--timeout expects a duration .*, found "soon"',
      undefined,
    ],
  ])('%s', async (_, argv, message, hint) => {
    const { status, stdout, stderr } = await runProgram(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^Error: ${message}\\n${hint === undefined ? '' : `Hint: ${hint}\\n`}$`),
    );
  });
});
