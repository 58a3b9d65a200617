import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { bundle, RUNTIME } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Runs a program of Node with its standard output in a real pipe, which a child of Node does not get. */
async function piped(program: string, reader: string): Promise<{ stdout: string; stderr: string }> {
  const file = await bundle(
    `import { processContext } from './src/run/context.ts'; const { stdout } = processContext(); ${program}`,
    await temporaryDirectory(),
  );
  const script = `{ "$0" "$1"; echo "status $?" >&2; } | ${reader}`;
  return await promisify(execFile)('sh', ['-c', script, RUNTIME[0], file], { maxBuffer: 1 << 24 });
}

const LINES = 20_000;
const manyLines = `for (let line = 0; line < ${LINES}; line++) stdout.print(['line ' + line + ' ' + 'é'.repeat(30)]);`;
const allLines = Array.from({ length: LINES }, (_, line) => `line ${line} ${'é'.repeat(30)}\n`).join('');

// Other systems have no way to open a pipe again.
describe.skipIf(process.platform !== 'linux')('into a pipe (needs Linux),', () => {
  test('a short answer is written without a stream of Node', async () => {
    const program = `stdout.print(['short', String(stdout.isTerminal)]); await stdout.failure();
      const made = process.moduleLoadList.includes('NativeModule net'); process.stderr.write(String(made));`;
    expect(await piped(`void (async () => { ${program} })();`, 'cat')).toEqual({
      stdout: 'short\nfalse\n',
      stderr: 'falsestatus 0\n',
    });
  });

  test('more than it holds arrives whole and in order, however slowly it is read', async () => {
    const { stdout } = await piped(manyLines, '{ sleep 0.5; head -c 5000; sleep 0.2; cat; }');
    const digest = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(stdout.length).toBe(allLines.length);
    expect(digest(stdout)).toBe(digest(allLines));
  });

  test('a full one keeps the program from nothing else', async () => {
    const program = `${manyLines} process.stderr.write('went on\\n'); process.exit(7);`;
    const { stderr } = await piped(program, '{ sleep 2; cat >/dev/null; }');
    expect(stderr).toBe('went on\nstatus 7\n');
  });

  test('that nobody reads any more, the rest is dropped without a complaint', async () => {
    const program = `void (async () => {
      ${manyLines} const first = await stdout.failure();
      stdout.print(['more']); process.stderr.write(String([first, await stdout.failure(), stdout.isClosed]));
    })();`;
    expect((await piped(program, 'head -c 1')).stderr).toBe(',,truestatus 0\n');
    expect((await piped(`setTimeout(() => { ${program} }, 300);`, 'true')).stderr).toBe(',,truestatus 0\n');
  });

  test('another program that writes to it blocks as before', async () => {
    const other = `require('node:child_process').spawnSync('sh', ['-c', 'yes | head -c 300000'], { stdio: 'inherit' });`;
    const { stdout } = await piped(`stdout.print(['first']); ${other}`, '{ sleep 0.3; cat; }');
    expect(stdout.length).toBe('first\n'.length + 300_000);
  });
});
