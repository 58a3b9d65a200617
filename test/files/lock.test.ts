import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory, LockTimeoutError } from '../../src/files/lock.ts';
import { describeProcess, hasEnded } from '../../src/files/process-identity.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** What stands in a lock of a process that runs until the test has finished. */
async function livingProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill());
  return `${await describeProcess(child.pid)} some-lock\n`;
}

/** What stands in a lock of a process that has ended. */
async function deadProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const word = await describeProcess(child.pid);
  child.kill();
  await once(child, 'exit');
  return `${word} some-lock\n`;
}

const elsewhere = '1@another-boot/pid:[4026531999]@77 some-lock\n';

describe('lockDirectory', () => {
  it('the lock is a file, and leaves nothing behind', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    expect(await readFile(join(directory, 'lock'), 'utf8')).toMatch(
      new RegExp(`^${process.pid}@\\S+ \\S+\n$`),
    );
    expect(await readdir(directory)).toEqual(['lock']);
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
    expect(await lock.isHeld()).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  });

  it('a second lock in this process is refused until the first is released', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(LockTimeoutError);
    await lock.release();
    await (await lockDirectory(directory)).release();
  });

  it.each([
    ['another living process', livingProcess],
    ['a process of another container, whatever its number means here', () => elsewhere],
    [
      'a process of another container with the number of this one',
      () => elsewhere.replace('1', `${process.pid}`),
    ],
  ])('a lock of %s is refused, and stays', async (_, content) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), await content());
    await expect(lockDirectory(directory)).rejects.toThrow(LockTimeoutError);
    expect(await readdir(directory)).toEqual(['lock']);
    await expect(lockDirectory(directory)).rejects.toThrow(LockTimeoutError);
  });

  it.each([
    ['a process that is gone', deadProcess],
    ['an older version', () => `${process.pid}\n`],
    ['nobody, because it is empty', () => ''],
    ['nobody, because it is garbage', () => 'garbage'],
  ])('a lock left behind by %s does not block', async (_, content) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), await content());
    const lock = await lockDirectory(directory);
    expect(await readdir(directory)).toEqual(['lock']);
    await lock.release();
  });

  it.skipIf(process.platform !== 'linux')(
    'a lock whose number another process got meanwhile does not block (needs Linux)',
    async () => {
      const directory = await temporaryDirectory();
      const word = (await livingProcess()).replace(/@[0-9]+ /, '@1 ');
      expect(await hasEnded(word)).toBe(true);
      await writeFile(join(directory, 'lock'), word);
      await (await lockDirectory(directory)).release();
    },
  );

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
    await writeFile(join(directory, 'lock'), await livingProcess());
    await expect(lockDirectory(directory, { patience: 50 })).rejects.toThrow(LockTimeoutError);
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

  it.each([
    ['too old', -61],
    ['from a future that a wrong clock made', 3600],
  ])('a lock that is %s holds nothing, whoever it names', async (_, seconds) => {
    for (const word of [elsewhere, await livingProcess()]) {
      const directory = await temporaryDirectory();
      const path = join(directory, 'lock');
      await writeFile(path, word);
      await expect(lockDirectory(directory, { maxAge: 60_000 })).rejects.toThrow(LockTimeoutError);
      const then = Date.now() / 1000 + seconds;
      await utimes(path, then, then);
      const lock = await lockDirectory(directory, { maxAge: 60_000 });
      await lock.release();
      expect(await readdir(directory)).toEqual([]);
    }
  });

  it('a lock that went to somebody else is not given back', async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory);
    const theirs = await livingProcess();
    await writeFile(join(directory, 'lock'), theirs);
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(await readFile(join(directory, 'lock'), 'utf8')).toBe(theirs);
  });
});
