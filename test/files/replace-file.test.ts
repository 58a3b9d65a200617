import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceFile } from '../../src/files/replace-file.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function oldFile(): Promise<{ home: string; path: string }> {
  const home = await temporaryDirectory();
  const path = join(home, 'file');
  await writeFile(path, 'old');
  return { home, path };
}

describe('replaceFile', () => {
  it('puts text, or what is written piece by piece, in the place of a file, for its user alone', async () => {
    const { home, path } = await oldFile();
    await replaceFile(path, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await replaceFile(path, async (file) => {
      for (const piece of ['one, ', 'two']) await file.appendFile(piece);
      expect(await readFile(path, 'utf8')).toBe('text');
    });
    expect(await readFile(path, 'utf8')).toBe('one, two');
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(home)).toEqual(['file']);
  });

  it('leaves the old file, and nothing beside it, when the writing fails', async () => {
    const { home, path } = await oldFile();
    for (const temporary of [undefined, `${path}.new`]) {
      const failing = replaceFile(
        path,
        async (file) => {
          await file.appendFile('half');
          throw new Error('no more');
        },
        temporary === undefined ? {} : { temporary },
      );
      await expect(failing).rejects.toThrow('no more');
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(home)).toEqual(['file']);
    }
  });

  it('removes what a crash left under the name of the new file', async () => {
    const { home, path } = await oldFile();
    await writeFile(`${path}.new`, 'left by a crash, and longer than what comes');
    await replaceFile(path, 'new', { temporary: `${path}.new` });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(home)).toEqual(['file']);
  });
});
