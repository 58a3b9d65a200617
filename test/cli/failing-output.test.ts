import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltProgram } from '../support/built-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');
const chart = join(examples, 'hello-0.1.0.tgz');
const keyring = ['--keyring', join(examples, 'publisher.asc')];
const inspect = ['inspect', chart, ...keyring];

let program: BuiltProgram;

beforeAll(async () => {
  program = await BuiltProgram.make();
});

afterAll(async () => {
  await program.remove();
});

/** Runs that end with 0, 2, 3 and 10 where they can print. */
const RUNS: readonly (readonly [what: string, argv: readonly string[]])[] = [
  ['the version', ['version']],
  ['help', ['verify', '--help']],
  ['no sub-command', []],
  ['keys', ['keys', ...keyring]],
  ['a good chart', inspect],
  ['many charts', ['inspect', ...Array.from({ length: 50 }, () => chart), ...keyring]],
  ['a rejected chart', [...inspect, '--fingerprint', 'ab'.repeat(20)]],
];

const FULL = 'Error: cannot write the answer: no space left on device\n';

// There is no such device elsewhere.
describe.skipIf(process.platform !== 'linux')(
  'an answer that cannot be written is one line and status 1 (needs Linux):',
  () => {
    test.each(RUNS)('%s, as text', async (_, argv) => {
      const { status, stderr } = await program.run(argv, '>/dev/full');
      // What else is told of a chart comes before.
      expect(stderr.replace(/^Error: .*: provenance-signature: .*\nHint: .*\n/m, '')).toBe(FULL);
      expect(status).toBe(1);
    });

    test.each(['json', 'jsonl'])('as %s', async (form) => {
      for (const argv of [['version'], inspect, [...inspect, chart]]) {
        const { status, stderr } = await program.run([...argv, '--output', form], '>/dev/full');
        expect(stderr).toContain(FULL);
        expect(stderr).not.toMatch(/^ {4}at /m);
        expect(status).toBe(1);
      }
    });

    test('a usage error whose document cannot be written', async () => {
      const { status, stderr } = await program.run(['verify', '--output', 'json'], '>/dev/full');
      expect(stderr).toMatch(
        /^Error: expected <chart>, found none\nHint: .*\nError: cannot write the answer: no space/,
      );
      expect(status).toBe(1);
    });

    test('a log that nobody would know the address of', async () => {
      const directory = await temporaryDirectory();
      const argv = ['log', 'serve', '--dir', directory, '--listen', '127.0.0.1:0'];
      expect(await program.run(argv, '>/dev/full')).toEqual({ status: 1, stdout: '', stderr: FULL });
    });

    test('a descriptor that is open for reading only', async () => {
      const { status, stderr } = await program.run(['version'], '1</dev/null');
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'Error: cannot write the answer: bad file descriptor\n',
      });
    });

    test('a file that takes only a part', async () => {
      const file = join(await temporaryDirectory(), 'out');
      const { status, stderr } = await program.run(['verify', '--help'], `>"${file}"`, 'ulimit -f 1');
      expect(stderr).toBe('Error: cannot write the answer: file too large\n');
      expect(status).toBe(1);
      expect((await readFile(file)).length).toBeGreaterThan(0);
    });
  },
);

describe.skipIf(process.platform !== 'linux')(
  'where nobody listens, nothing is said and the status stays (needs Linux):',
  () => {
    test.each([
      ['a reader that went away', ['verify', '--help'], '| true', 0],
      ['a closed stdout', inspect, '>&-', 0],
      ['a closed stderr', ['nonsense'], '2>&-', 2],
      ['both closed', ['nonsense'], '>&- 2>&-', 2],
      ['a full stderr', ['nonsense'], '2>/dev/full', 2],
      [
        'a full stderr, of a chart that is rejected',
        [...inspect, '--fingerprint', 'ab'.repeat(20)],
        '2>/dev/full',
        10,
      ],
      ['a stderr that is open for reading only', ['verify', 'missing.tgz'], '2</dev/null', 3],
    ])('%s', async (_, argv, redirections, expected) => {
      const { status, stderr } = await program.run(argv, redirections);
      expect({ status, stderr }).toEqual({ status: expected, stderr: '' });
    });

    test('and both full is status 1', async () => {
      const ended = await program.run(['version'], '>/dev/full 2>/dev/full');
      expect(ended).toEqual({ status: 1, stdout: '', stderr: '' });
    });
  },
);
