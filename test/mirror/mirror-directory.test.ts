import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Hex, type Sha256 } from '../../src/digest.ts';
import { InputError } from '../../src/errors.ts';
import { readChunks } from '../../src/files/chunks.ts';
import { measureInside, OddFileError } from '../../src/mirror/file-inside.ts';
import { formatManifest } from '../../src/mirror/manifest.ts';
import { MirrorDirectory } from '../../src/mirror/mirror-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const EMPTY = { charts: [], files: [] };
const CONTENT = Buffer.from('content');

/** A mirror that is open until the test has finished. */
async function opened(path: string): Promise<MirrorDirectory> {
  const mirror = await MirrorDirectory.open(path);
  onTestFinished(() => mirror.close());
  return mirror;
}

async function place(): Promise<string> {
  return join(await temporaryDirectory(), 'mirror');
}

describe('the directory of a mirror', () => {
  it('is made where there is none, and has a manifest at once', async () => {
    const path = await place();
    await (await MirrorDirectory.open(path)).close();
    expect(await readdir(path)).toEqual(['manifest.json']);
    expect(await readFile(join(path, 'manifest.json'))).toEqual(formatManifest(EMPTY));
  });

  it('is refused where other files are, of which none is touched', async () => {
    const path = await place();
    await mkdir(path);
    await writeFile(join(path, 'thesis.txt'), CONTENT);
    await expect(MirrorDirectory.open(path)).rejects.toThrow(
      /expected .* to be a mirror or an empty directory/,
    );
    expect(await readdir(path)).toEqual(['thesis.txt']);
  });

  it.each(['{}', formatManifest(EMPTY).subarray(0, 40)])(
    'is refused where the manifest is none',
    async (text) => {
      const path = await place();
      await mkdir(path);
      await writeFile(join(path, 'manifest.json'), text);
      await expect(MirrorDirectory.open(path)).rejects.toThrow(/is no manifest of a mirror/);
      expect(await readFile(join(path, 'manifest.json'))).toEqual(Buffer.from(text));
    },
  );

  it('is refused where it is a file', async () => {
    const path = await place();
    await writeFile(path, CONTENT);
    await expect(MirrorDirectory.open(path)).rejects.toThrow(InputError);
  });

  it('has one run at a time, and the next when that has ended', async () => {
    const path = await place();
    const first = await MirrorDirectory.open(path);
    expect(first.isLocked).toBe(true);
    await expect(MirrorDirectory.open(path)).rejects.toThrow(/is in use by process [0-9]+/);
    await first.close();
    await (await MirrorDirectory.open(path)).close();
    expect(await readdir(path)).toEqual(['manifest.json']);
  });

  it('of a run that was killed is taken over, and what that was writing is gone', async () => {
    const path = await place();
    await (await MirrorDirectory.open(path)).close();
    // The kernel has given the lock back; the files are still there.
    await writeFile(join(path, '.lock'), 'process 1 on host "gone"\n');
    await mkdir(join(path, '.partial'));
    await writeFile(join(path, '.partial', 'half'), 'half');
    await (await MirrorDirectory.open(path)).close();
    expect(await readdir(path)).toEqual(['manifest.json']);
  });

  it('of a run that was killed before it had a manifest becomes one', async () => {
    const path = await place();
    await mkdir(join(path, '.partial'), { recursive: true });
    await writeFile(join(path, '.lock'), '');
    await (await MirrorDirectory.open(path)).close();
    expect(await readdir(path)).toEqual(['manifest.json']);
  });

  it('is not locked through a link, in whose target the lock would write', async () => {
    const path = await place();
    await mkdir(path);
    const target = `${path}.txt`;
    await writeFile(target, CONTENT);
    await symlink(target, join(path, '.lock'));
    await expect(MirrorDirectory.open(path)).rejects.toThrow(/no regular file but a symbolic link/);
    expect(await readFile(target)).toEqual(CONTENT);
  });

  it('is not cleared through a link', async () => {
    const path = await place();
    await (await MirrorDirectory.open(path)).close();
    const target = `${path}.d`;
    await mkdir(target);
    await writeFile(join(target, 'precious'), CONTENT);
    await symlink(target, join(path, '.partial'));
    await (await MirrorDirectory.open(path)).close();
    expect(await readdir(target)).toEqual(['precious']);
    expect(await readdir(path)).toEqual(['manifest.json']);
  });

  it('does not take a link for its manifest', async () => {
    const path = await place();
    await mkdir(path);
    await writeFile(`${path}.json`, formatManifest(EMPTY));
    await symlink(`${path}.json`, join(path, 'manifest.json'));
    await expect(MirrorDirectory.open(path)).rejects.toThrow(/manifest.json is no regular file/);
  });

  it('gets a manifest only where that says something else', async () => {
    const mirror = await opened(await place());
    const file = { path: 'index.yaml', size: 1, sha256: 'a'.repeat(64) as Sha256 };
    expect((await mirror.writeManifest(EMPTY)).isNew).toBe(false);
    const { isNew, sha256 } = await mirror.writeManifest({ charts: [], files: [file] });
    expect(isNew).toBe(true);
    expect(sha256Hex(await readFile(join(mirror.path, 'manifest.json')))).toBe(sha256);
  });
});

describe('a file is copied in one step', () => {
  it('with the digest that it has', async () => {
    const mirror = await opened(await place());
    const source = `${mirror.path}.tgz`;
    await writeFile(source, CONTENT);
    const sha256 = sha256Hex(CONTENT);
    expect(await mirror.files.copy(readChunks(source, 7), source, 'a.tgz', sha256)).toEqual({
      path: 'a.tgz',
      size: 7,
      sha256,
    });
    expect(await readFile(join(mirror.path, 'a.tgz'))).toEqual(CONTENT);
    expect(await measureInside(mirror.path, 'a.tgz')).toEqual({ path: 'a.tgz', size: 7, sha256 });
  });

  it('or not at all, where it is not any more what was judged', async () => {
    const mirror = await opened(await place());
    const source = `${mirror.path}.tgz`;
    await writeFile(source, CONTENT);
    const judged = sha256Hex(Buffer.from('what was judged'));
    await expect(mirror.files.copy(readChunks(source, 7), source, 'a.tgz', judged)).rejects.toThrow(
      `${source} was changed while it was read`,
    );
    expect((await readdir(mirror.path)).sort()).toEqual(['.lock', '.partial', 'manifest.json']);
    expect(await readdir(join(mirror.path, '.partial'))).toEqual([]);
  });

  it('in place of a link, whose target stays as it is', async () => {
    const mirror = await opened(await place());
    const target = `${mirror.path}.txt`;
    await writeFile(target, 'precious');
    await symlink(target, join(mirror.path, 'a.tgz'));
    await mirror.files.write('a.tgz', CONTENT);
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect(await readFile(join(mirror.path, 'a.tgz'))).toEqual(CONTENT);
  });

  it('and not at all into a folder that is a link', async () => {
    const mirror = await opened(await place());
    const target = `${mirror.path}.d`;
    await mkdir(target);
    await symlink(target, join(mirror.path, 'keys'));
    await expect(mirror.files.write('keys/a.asc', CONTENT)).rejects.toThrow(OddFileError);
    expect(await readdir(target)).toEqual([]);
  });

  it('and the folder is made, if there is none', async () => {
    const mirror = await opened(await place());
    await mirror.files.write('keys/a.asc', CONTENT);
    expect(await readFile(join(mirror.path, 'keys/a.asc'))).toEqual(CONTENT);
  });
});

it('after the end of a run nothing is left of what it was writing', async () => {
  const path = await place();
  const mirror = await MirrorDirectory.open(path);
  await writeFile(join(path, '.partial', 'half'), CONTENT);
  await mirror.close();
  await rm(join(path, 'manifest.json'));
  expect(await readdir(path)).toEqual([]);
});
