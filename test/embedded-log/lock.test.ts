import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory } from '../../src/embedded-log/lock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The ID of a process that runs until the test has finished. */
async function livingProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill());
  return child.pid ?? 0;
}

/** The ID of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('lockDirectory', () => {
  it('the lock names this process, and leaves nothing behind', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    expect(await readFile(join(directory, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
    expect(await readdir(directory)).toEqual(['lock']);
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('a second lock in this process is refused until the first is released', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${process.pid}`);
    await lock.release();
    await (await lockDirectory(directory)).release();
  });

  it('a lock of another living process is refused, and stays', async () => {
    const directory = await temporaryDirectory();
    const owner = await livingProcess();
    await writeFile(join(directory, 'lock'), `${owner}\n`);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${owner}`);
    expect(await readdir(directory)).toEqual(['lock']);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${owner}`);
  });

  it.each([
    ['a process that is gone', async () => `${await deadProcess()}\n`],
    ['an earlier process with the ID of this one', () => `${process.pid}\n`],
    ['nobody, because it is empty', () => ''],
    ['nobody, because it is garbage', () => 'garbage'],
  ])('a lock left behind by %s does not block', async (_, content) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), await content());
    const lock = await lockDirectory(directory);
    expect(await readdir(directory)).toEqual(['lock']);
    await lock.release();
  });
});
