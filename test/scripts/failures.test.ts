import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isThorough } from '../support/thorough.ts';

const root = join(import.meta.dirname, '../..');

it.each([
  ['package.mjs', ['--key', 'X'], '--key and --keyring go together'],
  [
    'package.mjs',
    ['--key', 'X', '--keyring', 'no-such-file'],
    "ENOENT: no such file or directory, open 'no-such-file'",
  ],
  [
    'package.mjs',
    ['--key', 'X', '--keyring', 'examples/publisher.asc'],
    'expected secret keys in examples/publisher.asc',
  ],
  ['package.mjs', ['--kye', 'X'], "Unknown option '--kye'"],
  ['release.mjs', ['1'], 'expected X.Y.Z, found 1'],
  ['fuzz.mjs', ['--minutes', 'x'], '--minutes expects a number above 0, found x'],
  ['fuzz.mjs', ['--hours', '1'], "Unknown option '--hours'"],
  ['benchmark/run.mjs', ['--only', 'x'], '--only expects one of'],
])('scripts/%s %j ends with one line that says what is wrong', (script, argv, message) => {
  const directory = script === 'package.mjs' ? ['--directory', join(root, 'build', 'failures')] : [];
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(root, 'scripts', script), ...argv, ...directory],
    { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  );
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/^Error: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
});

// It builds all bundles first.
it.runIf(isThorough)(
  'the quickstart says in one line that it has no room for its files (needs CI or npm run test:all)',
  () => {
    const script = join(root, 'scripts', 'quickstart.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: '', TMPDIR: join(root, 'no-such-folder') },
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^Error: ENOENT[^\n]+\n$/);
  },
);
