import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { KnownLog } from '../support/crashed-log.ts';
import { works } from '../support/served-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { isThorough } from '../support/thorough.ts';

/** So many times it is killed: `npm run test:crash` says how often. */
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? (isThorough ? 25 : 3));
/** After so many rounds another log is killed. */
const AGE = 3;
const MIB = 1 << 20;

it(
  `a log that is killed at any moment under load, ${ROUNDS} times, has lost nothing of which clients were told, and forks nothing`,
  async () => {
    let [directory, log] = ['', new KnownLog()];
    let told = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // All of it is looked at twice a round, so that one that is killed again and again must not grow for ever.
      if (round % AGE === 0) [directory, log] = [await temporaryDirectory(), new KnownLog()];
      await log.addUntilKilled(directory, round, Math.random() * 700);
      told += log.told.size;
      await log.expectWhole(directory);
    }
    expect(told).toBeGreaterThan(ROUNDS);
  },
  ROUNDS * 60_000,
);

const canLoop =
  process.platform === 'linux' &&
  works('losetup', '-f') &&
  works('mkfs.ext4', '-V') &&
  works('unshare', '--mount', 'true');

/** A file system of its own in a file, until the test has finished. */
async function mountImage(image: string, isNew: boolean): Promise<{ path: string; unmount: () => void }> {
  if (isNew) {
    const file = await open(image, 'w');
    await file.truncate(64 * MIB);
    await file.close();
    execFileSync('mkfs.ext4', ['-q', image]);
  }
  const path = `${image}.mounted`;
  await mkdir(path, { recursive: true });
  execFileSync('mount', ['-o', 'loop', image, path]);
  let isMounted = true;
  const unmount = () => {
    if (isMounted) execFileSync('umount', ['-l', path]);
    isMounted = false;
  };
  onTestFinished(unmount);
  return { path, unmount };
}

it.skipIf(!canLoop)(
  'a log whose power is cut has all of which clients were told before (needs root and loop devices on Linux)',
  async () => {
    const directory = await temporaryDirectory();
    const image = join(directory, 'disk');
    const disk = await mountImage(image, true);
    const cuts = Math.max(2, Math.ceil(ROUNDS / 5));
    for (let cut = 0; cut < cuts; cut++) {
      const log = new KnownLog();
      const copy = join(directory, `copy-${cut}`);
      const before = new Map<number, string>();
      await log.addWhile(join(disk.path, 'log'), cut, async (stop) => {
        await setTimeout(Math.random() * 1500);
        for (const [index, name] of log.told) before.set(index, name);
        // What the disk has now: nothing that only the cache of the system holds. While it is copied, nothing is written.
        stop();
        await copyFile(image, copy);
      });
      const after = await mountImage(copy, false);
      const seen = new KnownLog();
      for (const [index, name] of before) seen.told.set(index, name);
      await seen.expectWhole(join(after.path, 'log'));
      after.unmount();
    }
  },
  600_000,
);
