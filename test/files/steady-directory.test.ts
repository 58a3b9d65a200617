import { chmod, chown, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid, platform } from 'node:process';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { steadyDirectory } from '../../src/files/steady-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = join(await temporaryDirectory(), 'parent');
  directory = join(parent, 'below', 'own');
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o700);
});

describe('a directory of the user alone', () => {
  test('keeps its path where nobody else can change that', async () => {
    const held = await steadyDirectory(directory);
    expect(held).toMatchObject({ path: directory, handedPath: directory, descriptor: undefined });
    await held.close();
  });

  test('behind a link: is meant by the path that it has itself', async () => {
    await symlink(directory, join(parent, 'link'));
    const held = await steadyDirectory(join(parent, 'link'));
    expect(held.path).toBe(directory);
    await held.close();
  });

  test.skipIf(platform !== 'linux').each([
    ['the one above', 0o777],
    ['the one above, for a group', 0o775],
  ])(
    'is the same when another one was put in the place of %s, where others can write (needs Linux)',
    async (_, mode) => {
      await chmod(parent, mode);
      const held = await steadyDirectory(directory);
      await rename(join(parent, 'below'), join(parent, 'moved'));
      await mkdir(directory, { recursive: true });
      await writeFile(join(held.path, 'file'), 'ours', { flag: 'wx' });
      await writeFile(join(directory, 'file'), 'theirs');
      expect(await readFile(join(held.path, 'file'), 'utf8')).toBe('ours');
      expect(await readdir(join(parent, 'moved', 'own'))).toEqual(['file']);
      const { descriptor } = held;
      expect(held).toMatchObject({
        path: `/proc/self/fd/${descriptor ?? ''}`,
        handedPath: '/proc/self/fd/3',
      });
      await held.close();
      await expect(stat(held.path)).rejects.toThrow();
    },
  );

  test('with the sticky bit above it keeps its path', async () => {
    await chmod(parent, 0o1777);
    expect(await steadyDirectory(directory)).toMatchObject({ path: directory });
  });
});

describe('is refused:', () => {
  test.each([0o777, 0o755])('a directory that others can enter, in any place (above it %o)', async (mode) => {
    await chmod(parent, mode);
    await chmod(directory, 0o770);
    await expect(steadyDirectory(directory)).rejects.toThrow(InputError);
  });

  test.skipIf(getuid?.() !== 0)('a directory of somebody else (needs root)', async () => {
    await chown(directory, 65534, 65534);
    for (const mode of [0o755, 0o777]) {
      await chmod(parent, mode);
      await expect(steadyDirectory(directory)).rejects.toThrow(InputError);
    }
  });

  test('a directory that is not there', async () => {
    await expect(steadyDirectory(join(parent, 'gone'))).rejects.toThrow(InputError);
  });
});
