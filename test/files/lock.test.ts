import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory, LockHeldError } from '../../src/files/lock.ts';
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

  it('whoever is patient gets the lock when it is released', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    const next = lockDirectory(directory, { patience: 5000 });
    await setTimeout(50);
    await lock.release();
    await (await next).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('patience ends', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), `${await livingProcess()}\n`);
    await expect(lockDirectory(directory, { patience: 50 })).rejects.toThrow(LockHeldError);
  });

  it('of many that ask at once, one after the other gets the lock', async () => {
    const directory = await temporaryDirectory();
    let holders = 0;
    const turns = Array.from({ length: 10 }, async () => {
      const lock = await lockDirectory(directory, { patience: 10_000 });
      expect(++holders).toBe(1);
      await setTimeout(2);
      holders--;
      await lock.release();
    });
    await Promise.all(turns);
    expect(await readdir(directory)).toEqual([]);
  });

  it('a lock that is too old holds nothing, although a process has the ID that it names', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'lock');
    await writeFile(path, `${await livingProcess()}\n`);
    await expect(lockDirectory(directory, { maxAge: 60_000 })).rejects.toThrow(LockHeldError);
    const then = Date.now() / 1000 - 61;
    await utimes(path, then, then);
    const lock = await lockDirectory(directory, { maxAge: 60_000 });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('a lock that went to somebody else is not given back', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    const theirs = `${await livingProcess()}\n`;
    await writeFile(join(directory, 'lock'), theirs);
    await lock.release();
    expect(await readFile(join(directory, 'lock'), 'utf8')).toBe(theirs);
  });
});
