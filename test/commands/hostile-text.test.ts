import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChartOnDisk } from '../support/chart.ts';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

/** What a terminal obeys, and what turns a line round. */
const HOSTILE = '\u009b2J\u009b31mOK\u202e\u2066\u061c\u200e\ufeff\u2028\u007f\u0085';
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let world: World;
let chart: ChartOnDisk;
/** The same under a name that is as bad, with a keyring of such a name. */
let renamed: string;
let keyring: string;

beforeAll(async () => {
  world = await World.open();
  const signer = await createSigner({ userIds: [`${HOSTILE} <x@example.com>`] });
  chart = await world.chart('hostile', signer);
  renamed = join(world.directory, `${HOSTILE}.tgz`);
  keyring = join(world.directory, `${HOSTILE}.gpg`);
  await copyFile(chart.path, renamed);
  await copyFile(`${chart.path}.prov`, `${renamed}.prov`);
  await copyFile(chart.keyring, keyring);
  const { status } = await world.run(['upload', chart.path, '--keyring', keyring, ...world.trusting()]);
  expect(status).toBe(0);
});

afterAll(async () => {
  await world.close();
});

const commands = (): (readonly [string, readonly string[], number])[] => {
  const keys = ['--keyring', keyring];
  const as = ['--as', 'hostile-0.1.0.tgz'];
  return [
    ['verify', ['verify', chart.path, ...keys, ...world.trusting()], 0],
    ['verify of a bad name', ['verify', renamed, ...keys, ...as, ...world.trusting()], 0],
    ['verify of another name', ['verify', renamed, ...keys, ...world.trusting()], 10],
    ['upload', ['upload', chart.path, ...keys, ...world.trusting()], 0],
    ['search', ['search', chart.path, ...world.trusting()], 0],
    ['search by a file of a bad name', ['search', '--public-key', keyring, ...world.trusting()], 0],
    ['inspect', ['inspect', renamed, ...keys, ...as], 0],
    ['keys', ['keys', ...keys], 0],
    ['doctor', ['doctor', ...keys, ...world.trusting()], 0],
    ['a missing file', ['verify', `${HOSTILE}/a.tgz`, ...keys, ...world.trusting()], 3],
    ['a missing keyring', ['keys', '--keyring', HOSTILE], 3],
    ['an unknown command', [HOSTILE], 2],
    ['an unknown option', ['verify', `--${HOSTILE}`], 2],
    ['a bad choice', ['verify', 'a.tgz', '--timeout', HOSTILE], 2],
  ];
};

describe('no character that a terminal acts on is printed', () => {
  test.each(['text', 'json', 'jsonl'])('by any command, as %s', async (form) => {
    for (const [what, argv, expected] of commands()) {
      const { status, stdout, stderr } = await world.run([...argv, '--output', form]);
      expect({ what, status }).toEqual({ what, status: expected });
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(FORBIDDEN);
      if (form === 'text') continue;
      for (const line of form === 'json' ? [stdout] : stdout.trimEnd().split('\n'))
        expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  test('and JSON still says what there is', async () => {
    const { stdout } = await world.run(['keys', '--keyring', keyring, '--output', 'json']);
    expect(stdout).toContain('\\u009b2J');
    expect(JSON.parse(stdout)).toMatchObject({
      keys: [{ userIds: [`${HOSTILE} <x@example.com>`], place: keyring }],
    });
  });

  test('and text shows what it would have been', async () => {
    const { stdout } = await world.run(['keys', '--keyring', keyring]);
    expect(stdout).toContain(
      'User ID: \\u009b2J\\u009b31mOK\\u202e\\u2066\\u061c\\u200e\\ufeff\\u2028\\u007f',
    );
  });
});
