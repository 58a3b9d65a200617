import { describe, expect, test } from 'vitest';
import { scanArgv } from '../../src/program/argv.ts';
import { divideAtCommand } from '../../src/program/wrapper-words.ts';

describe('a command line with a verb of Helm', () => {
  test.each([
    ['install a b', 'install', 'a b'],
    ['--keyring k install a', 'install --keyring k', 'a'],
    ['--keyring=k --offline install', 'install --keyring=k --offline', ''],
    ['--keyring install install a', 'install --keyring install', 'a'],
    ['--policy p install --policy q -- install', 'install --policy p', '--policy q -- install'],
    ['-h install a', 'install -h', 'a'],
    ['--unknown install a', 'install --unknown', 'a'],
  ])('%s: is divided at the verb', (argv, words, passed) => {
    const split = (text: string) => text.split(' ').filter((word) => word !== '');
    expect(divideAtCommand(argv.split(' '), ['install'])).toEqual({
      words: split(words),
      passed: split(passed),
    });
  });

  test.each(['verify install', '--keyring install', '-- install a', 'help install', '', '--keyring'])(
    '%s: is no such line',
    (argv) => {
      expect(divideAtCommand(argv.split(' '), ['install'])).toBeUndefined();
    },
  );

  test('has neither its form nor its log from the words of Helm', () => {
    const scanned = scanArgv(['template', 'a', '--output', 'json', '--rekor-server', 'https://x.example']);
    expect(scanned).toMatchObject({ words: ['template'], form: 'text', server: undefined });
  });
});
