import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { readChunks } from '../../src/files/chunks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, bytes);
  return path;
}

/** The number by which this process has a file open; Linux only. */
function descriptorOf(path: string): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return [Number(name), readlinkSync(`/proc/self/fd/${name}`)] as const;
    } catch {
      return [-1, ''] as const; // gone again, as that of the folder itself
    }
  });
  return links.find(([, target]) => target === path)?.[0] ?? -1;
}

/** How many bytes were read of an open file; Linux only. */
function readOf(descriptor: number): number {
  return Number(/^pos:\s*([0-9]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]);
}

test.each([1, 5, 100])('a file is what its chunks are together, whatever size was said: %i', async (size) => {
  const bytes = Buffer.from(Array.from({ length: 20 }, (_, i) => i));
  const chunks: Uint8Array[] = [];
  for await (const chunk of readChunks(await fileOf(bytes), size)) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(bytes);
});

test.skipIf(process.platform !== 'linux')(
  'that the next chunk cannot be read is told to those who ask for it, and nobody before (needs Linux)',
  async () => {
    const path = await fileOf(Buffer.alloc(10));
    const chunks = readChunks(path, 1);
    await chunks.next();
    const descriptor = descriptorOf(path);
    // The second chunk, of two bytes as the first, is read ahead: it has to be there before reading fails.
    await vi.waitFor(() => {
      expect(readOf(descriptor)).toBe(4);
    }, 30_000);
    closeSync(descriptor);
    await chunks.next();
    // A rejection that nobody waits for would end the process now.
    await setTimeout(50);
    await expect(chunks.next()).rejects.toThrow('EBADF');
  },
);
