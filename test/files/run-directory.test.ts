import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { describeProcess } from '../../src/files/process-identity.ts';
import { makeRunDirectory } from '../../src/files/run-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let parent: string;
const LEFT = 'helm-sigstore-charts-aB3dE6';
const ELSEWHERE = '1@another-boot/pid:[4026531999]@77 \n';
const DAY = 24 * 60 * 60;

beforeEach(async () => {
  parent = await temporaryDirectory();
});

/** What a process says of itself, and how it is ended. */
async function otherProcess(): Promise<{ readonly owner: string; readonly kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { owner: `${await describeProcess(child.pid)} \n`, kill };
}

async function deadOwner(): Promise<string> {
  const { owner, kill } = await otherProcess();
  await kill();
  return owner;
}

/** A directory with something in it, as a run may leave it. @param days how long ago */
async function leave(
  owner: string | undefined,
  { name = LEFT, mode = 0o700, days = 0 } = {},
): Promise<string> {
  const path = join(parent, name);
  await mkdir(join(path, '1'), { recursive: true, mode: 0o700 });
  await writeFile(join(path, '1', 'archive.tgz'), 'x');
  if (owner !== undefined) await writeFile(join(path, 'owner'), owner);
  await chmod(path, mode);
  const then = Date.now() / 1000 - days * DAY;
  await utimes(path, then, then);
  return path;
}

/** The other names there, after a directory was made. */
async function leftAfterMaking(): Promise<string[]> {
  const made = await makeRunDirectory(parent, 'charts');
  return (await readdir(parent)).filter((name) => join(parent, name) !== made).sort();
}

test('it is of the user alone, and says whose it is', async () => {
  const path = await makeRunDirectory(parent, 'charts');
  expect((await lstat(path)).mode & 0o777).toBe(0o700);
  expect(await readdir(path)).toEqual(['owner']);
  expect(await readFile(join(path, 'owner'), 'utf8')).toBe(`${await describeProcess()} \n`);
});

describe('what is left there is removed', () => {
  test.each<
    [what: string, owner: () => Promise<string> | string | undefined, options?: Parameters<typeof leave>[1]]
  >([
    ['by a run that was killed', deadOwner],
    ['by one that fetched something else', deadOwner, { name: 'helm-sigstore-tuf-aB3dE6' }],
    ['two days ago, in another container or before the machine stopped', () => ELSEWHERE, { days: 2 }],
    ['two days ago by one that did not get to say whose it is', () => undefined, { days: 2 }],
    ['two days ago by one that stopped while it said so', () => '', { days: 2 }],
  ])('%s', async (_, owner, options) => {
    await leave(await owner(), options);
    expect(await leftAfterMaking()).toEqual([]);
  });

  test('by two runs at the same time, that of each stays', async () => {
    await leave(await deadOwner());
    const made = await Promise.all([makeRunDirectory(parent, 'charts'), makeRunDirectory(parent, 'charts')]);
    expect((await readdir(parent)).map((name) => join(parent, name)).sort()).toEqual(made.sort());
  });
});

describe('not touched is', () => {
  test('one of a run that still goes on, however old', async () => {
    const { owner, kill } = await otherProcess();
    await leave(owner, { days: 400 });
    expect(await leftAfterMaking()).toEqual([LEFT]);
    await kill();
    expect((await leftAfterMaking()).includes(LEFT)).toBe(false);
  });

  test.each<
    [what: string, owner: () => Promise<string> | string | undefined, options?: Parameters<typeof leave>[1]]
  >([
    ['one that a run of another container made an hour ago', () => ELSEWHERE, { days: 1 / 24 }],
    ['one that a run has just made', () => undefined],
    ['one that others may write to', deadOwner, { mode: 0o770, days: 2 }],
    ['one of another name', deadOwner, { name: 'helm-sigstore-charts', days: 2 }],
    ['one of another program', deadOwner, { name: 'helm-sigstore-built-aB3dE6', days: 2 }],
  ])('%s', async (_, owner, options) => {
    const path = await leave(await owner(), options);
    expect(await leftAfterMaking()).toEqual([path.slice(parent.length + 1)]);
    expect(await readdir(join(path, '1'))).toEqual(['archive.tgz']);
  });

  test('what a link leads to', async () => {
    const elsewhere = await temporaryDirectory();
    await writeFile(join(elsewhere, 'owner'), await deadOwner());
    await symlink(elsewhere, join(parent, LEFT));
    expect(await leftAfterMaking()).toEqual([LEFT]);
    expect(await readdir(elsewhere)).toEqual(['owner']);
  });

  test('what a link in a removed one leads to', async () => {
    const elsewhere = await temporaryDirectory();
    await writeFile(join(elsewhere, 'kept'), 'x');
    const path = await leave(await deadOwner());
    await symlink(elsewhere, join(path, '2'));
    expect(await leftAfterMaking()).toEqual([]);
    expect(await readdir(elsewhere)).toEqual(['kept']);
  });

  test('a file of that name', async () => {
    await writeFile(join(parent, LEFT), 'x');
    expect(await leftAfterMaking()).toEqual([LEFT]);
  });

  test('anything where others could put a link in its place: unless each may rename only what is theirs', async () => {
    await leave(await deadOwner());
    await chmod(parent, 0o777);
    expect(await leftAfterMaking()).toEqual([LEFT]);
    await chmod(parent, 0o1777);
    expect((await leftAfterMaking()).includes(LEFT)).toBe(false);
  });

  test.skipIf(process.getuid?.() !== 0)('one of another user (needs root)', async () => {
    const { chown } = await import('node:fs/promises');
    const path = await leave(await deadOwner(), { days: 2 });
    await chown(path, 12345, 12345);
    expect(await leftAfterMaking()).toEqual([LEFT]);
  });
});
