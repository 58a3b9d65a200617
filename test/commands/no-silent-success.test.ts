import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OptionDeclaration } from '../../src/settings/option-declaration.ts';
import { OPTIONS } from '../../src/settings/options.ts';
import { commandTree } from '../../src/program/command-tree.ts';
import { PASSING_COMMANDS } from '../../src/program/table.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { World } from '../support/world/world.ts';

const DEAD = 'http://127.0.0.1:1';
const tree = await commandTree();
const JUDGING = ['verify', 'upload', 'inspect', 'search'];

/** Something that each kind of value may be, by what the help calls it. */
const VALUES: Readonly<Record<string, string>> = {
  url: DEAD,
  path: '/nonexistent/file',
  directory: '/nonexistent/directory',
  file: 'hello-0.1.0.tgz',
  hex: 'ab'.repeat(32),
  address: 'a@b.example',
  duration: '1s',
  format: 'json',
};

/** Every option that any command knows, and those that people know from elsewhere. */
const KNOWN: readonly (readonly string[])[] = [
  ...Object.values<OptionDeclaration>(OPTIONS).map(({ flags }) => {
    const [, option = '', value] = /^(\S+)(?: <(\w+)>)?$/.exec(flags) ?? [];
    return value === undefined ? [option] : [option, VALUES[value] ?? '1'];
  }),
  ['--output', 'jsonl'],
  ...[['--version'], ['-v'], ['--version', '0.1.0'], ['-v', '0.1.0'], ['--version=0.1.0'], ['-V']],
  ...[['--'], ['help'], ['version'], ['--no-output'], ['--rekor'], [''], ['-']],
];

const PAIRS = KNOWN.flatMap((one, at) => [[one], ...KNOWN.slice(at).map((other) => [one, other])]);

/** The pair before the command, behind it, behind its operand, and on both sides: two of these, another two each time. */
function placed(command: string, [one = [], other = []]: readonly (readonly string[])[], time: number) {
  const operand = '/nonexistent/missing-0.1.0.tgz';
  const places = [
    [...one, ...other, command, operand],
    [command, ...one, ...other, operand],
    [command, operand, ...one, ...other],
    [...one, command, operand, ...other],
    [...other, command, ...one, operand],
  ];
  return places.filter((_, at) => at === time % 5 || at === (time + 2) % 5);
}

const surroundings = { env: { REKOR_SERVER: DEAD }, random: () => 0 };

async function ran(argv: readonly string[]): Promise<Ran> {
  return await runProgram(argv, surroundings);
}

test.each(JUDGING)(
  'no two options make of %s a success where the chart is missing',
  { timeout: 120_000 },
  async (command) => {
    for (const [time, pair] of PAIRS.entries())
      for (const argv of placed(command, pair, time + JUDGING.indexOf(command))) {
        // There the command is another one: help.
        if (argv.lastIndexOf('help', argv.indexOf(command)) >= 0) continue;
        const { status, stdout } = await ran(argv);
        expect({ argv, isSuccess: status === 0 }).toEqual({ argv, isSuccess: false });
        expect(stdout).not.toMatch(/Successfully|Created|already exists|^Usage/);
      }
  },
);

test('the pairs are of all options', () => {
  for (const { flags } of Object.values<OptionDeclaration>(OPTIONS))
    expect(KNOWN.map(([option]) => option)).toContain(flags.replace(/ .*/, ''));
  for (const command of JUDGING) expect(tree.commands.map((each) => each.name())).toContain(command);
});

describe('the version as an option', () => {
  test.each(['--version', '-v'])(
    'is the version as the first word, and nothing elsewhere: %s',
    async (option) => {
      expect(await ran([option])).toEqual(await ran(['version']));
      expect(await ran([option, '--output', 'json'])).toEqual(await ran(['version', '--output', 'json']));
      for (const command of tree.commands.filter(({ commands }) => commands.length === 0))
        for (const argv of [
          [command.name(), option],
          [command.name(), 'x.tgz', option],
          [command.name(), 'x.tgz', option, '0.1.0', '--output', 'json'],
        ]) {
          const to = command.name() === 'mirror' ? ['--to', 'nowhere'] : [];
          const { status, stdout, stderr } = await ran([argv[0] ?? '', ...to, ...argv.slice(1)]);
          expect(status).toBe(2);
          expect(stdout).not.toContain('"status": 0');
          // There it is for Helm, which nobody named here.
          if (PASSING_COMMANDS.includes(command.name())) continue;
          // Where charts are fetched, it is the version of the chart, as for Helm; a file has only one.
          const isRange = option === '--version' && command.options.some(({ long }) => long === option);
          expect(stdout + stderr).toMatch(
            isRange ? /--version(?: <range> needs a value| is for charts)/ : `unknown option '${option}'`,
          );
        }
    },
  );

  test('does not swallow a command that stands behind it', async () => {
    for (const option of ['--version', '-v'])
      expect(await ran([option, 'verify', 'missing.tgz'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('what names the work to be done is not passed over', () => {
  let world: World;
  let good: string;
  let missing: string;

  beforeAll(async () => {
    world = await World.open();
    good = (await world.loggedChart('good')).path;
    missing = await world.write('missing', 'missing.tgz\n');
  });

  afterAll(async () => {
    await world.close();
  });

  test('a list that is given beside another', async () => {
    const list = await world.write('list', `${good}\n`);
    for (const lists of [
      [missing, list],
      [list, missing],
    ]) {
      const argv = lists.flatMap((each) => ['--from-file', each]);
      const { status, stderr } = await world.run(['verify', ...argv, ...world.knowing()]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'Error: --from-file is expected once, found 2 times\n',
      });
    }
  });

  test.each([
    ['--sha256', 'ab'.repeat(32), 'cd'.repeat(32)],
    ['--email', 'a@b.example', 'c@d.example'],
    ['--public-key', 'a.asc', 'b.asc'],
  ])('a second query: %s', async (option, one, other) => {
    const argv = ['search', option, one, option, other, ...world.trusting()];
    expect(await world.run(argv)).toMatchObject({ status: 2, stdout: '' });
  });

  test.each([
    ['the first', (chart: string) => ['', chart]],
    ['the last', (chart: string) => [chart, '']],
    ['one between others', (chart: string) => [chart, '', chart]],
    ['the only one', () => ['']],
  ])('a chart that is an empty word: %s', async (_, operands) => {
    for (const command of ['verify', 'upload', 'inspect']) {
      const options = command === 'inspect' ? ['--keyring', world.keyring] : world.knowing();
      const { status, stdout, stderr } = await world.run([command, ...operands(good), ...options]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^Error: expected \[chart\.\.\.\], found an empty word\nHint: /);
    }
  });

  test('an empty word in place of the command, or of another operand', async () => {
    for (const argv of [[''], ['', 'verify', good], ['search', ''], ['log', 'pin', ''], ['log', '']])
      expect(await world.run(argv)).toMatchObject({ status: 2, stdout: '' });
  });

  test('an operand behind "--" is one, whatever it looks like', async () => {
    for (const word of ['--help', '-h', '--version', '-v'])
      expect(await world.run(['verify', '--', word])).toMatchObject({ status: 3 });
  });

  test('help and version as the value of an option are its value', async () => {
    for (const word of ['--help', '-h', '--version', '-v'])
      expect(await world.run(['verify', good, '--as', word, ...world.knowing()])).toMatchObject({
        status: 10,
      });
  });
});
