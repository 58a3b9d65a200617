import { execFileSync } from 'node:child_process';
import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { works } from './served-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Whether a test may mount a disk of its own: it needs root on Linux. */
export const canMount =
  process.platform === 'linux' && works('unshare', '--mount', 'mount', '-t', 'tmpfs', 'x', '/tmp');

/** A disk of this size, such as `256k`, until the test has finished. */
export async function smallDisk(size: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'disk');
  await mkdir(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', path]);
  });
  return path;
}

/** Leaves no room on a small disk: its file `filling` takes all. */
export async function fillDisk(disk: string): Promise<void> {
  const path = join(disk, 'filling');
  const { bsize } = await statfs(disk);
  let size = 0;
  for (let free = Infinity; free > 0; { bavail: free } = await statfs(disk)) {
    size += bsize;
    await writeFile(path, Buffer.alloc(size)).catch(() => undefined);
    if (size > 1 << 21) throw new Error('the disk is larger than it should be');
  }
}
