import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { differencesOf, type Difference } from '../../src/mirror/differences.ts';
import type { Manifest } from '../../src/mirror/manifest.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const CONTENTS: Readonly<Record<string, string>> = {
  'a-0.1.0.tgz': 'archive',
  'a-0.1.0.tgz.prov': 'provenance',
  'index.yaml': 'index',
  'keys/AB.asc': 'key',
};

interface Mirrored {
  readonly directory: string;
  readonly manifest: Manifest;
}

/** A directory as its manifest says, which nobody looks at otherwise. */
async function mirrored(): Promise<Mirrored> {
  const directory = await temporaryDirectory();
  for (const [path, text] of Object.entries({ ...CONTENTS, 'manifest.json': '{}' })) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const files = Object.entries(CONTENTS).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path, size: bytes.length, sha256: sha256Hex(bytes) };
  });
  return { directory, manifest: { charts: [], files } };
}

async function differences({ directory, manifest }: Mirrored): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const each of differencesOf(directory, manifest)) found.push(each);
  return found;
}

it('a directory that is as its manifest says has none', async () => {
  expect(await differences(await mirrored())).toEqual([]);
});

const FILES = Object.keys(CONTENTS);

test.each(FILES)('%s is missing', async (path) => {
  const mirror = await mirrored();
  await rm(join(mirror.directory, path));
  expect(await differences(mirror)).toEqual([{ kind: 'missing', path }]);
});

test.each(FILES)('%s has one bit that is another', async (path) => {
  const mirror = await mirrored();
  const bytes = Buffer.from(CONTENTS[path] ?? '');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(join(mirror.directory, path), bytes);
  const [difference, ...others] = await differences(mirror);
  expect(others).toEqual([]);
  expect(difference).toMatchObject({ kind: 'altered', path });
  expect(difference?.found).toBe(`sha256:${sha256Hex(bytes)} (${bytes.length} bytes)`);
});

test.each(FILES)('%s is longer', async (path) => {
  const mirror = await mirrored();
  await appendFile(join(mirror.directory, path), 'x');
  expect(await differences(mirror)).toMatchObject([{ kind: 'altered', path }]);
});

test.each(FILES)('%s is a link to the very same bytes', async (path) => {
  const mirror = await mirrored();
  const elsewhere = join(await temporaryDirectory(), 'same');
  await writeFile(elsewhere, CONTENTS[path] ?? '');
  await rm(join(mirror.directory, path));
  await symlink(elsewhere, join(mirror.directory, path));
  expect(await differences(mirror)).toEqual([
    { kind: 'altered', path, expected: 'a regular file', found: 'a symbolic link' },
  ]);
});

test.each(FILES)('%s is a directory', async (path) => {
  const mirror = await mirrored();
  await rm(join(mirror.directory, path));
  await mkdir(join(mirror.directory, path));
  expect(await differences(mirror)).toMatchObject([{ kind: 'altered', path, found: 'a directory' }]);
});

test.runIf(process.platform !== 'win32')(
  'a file is a pipe, for which nobody waits (needs pipes)',
  async () => {
    const mirror = await mirrored();
    const path = join(mirror.directory, 'index.yaml');
    await rm(path);
    await promisify(execFile)('mkfifo', [path]);
    expect(await differences(mirror)).toMatchObject([
      { kind: 'altered', path: 'index.yaml', found: 'a pipe' },
    ]);
  },
);

test('the folder of the keys is a link to one with the very same files', async () => {
  const mirror = await mirrored();
  const elsewhere = await temporaryDirectory();
  await writeFile(join(elsewhere, 'AB.asc'), CONTENTS['keys/AB.asc'] ?? '');
  await rm(join(mirror.directory, 'keys'), { recursive: true });
  await symlink(elsewhere, join(mirror.directory, 'keys'));
  expect(await differences(mirror)).toEqual([
    {
      kind: 'altered',
      path: 'keys/AB.asc',
      expected: 'a regular file',
      found: 'a symbolic link in place of keys',
    },
    { kind: 'additional', path: 'keys', found: 'a symbolic link' },
  ]);
});

test('what is additional is named, wherever it is, and no link is followed', async () => {
  const mirror = await mirrored();
  const { directory } = mirror;
  const elsewhere = await temporaryDirectory();
  await writeFile(join(elsewhere, 'far'), '');
  for (const path of ['b-0.1.0.tgz', '.hidden', 'keys/CD.asc', 'A-0.1.0.tgz'])
    await writeFile(join(directory, path), '');
  await mkdir(join(directory, 'more'));
  await writeFile(join(directory, 'more', 'deep'), '');
  await mkdir(join(directory, 'keys', 'more'));
  await symlink(elsewhere, join(directory, 'link'));
  await symlink('/dev/zero', join(directory, 'zero'));
  const socket = createServer().listen(join(directory, 'socket'));
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  expect(await differences(mirror)).toEqual([
    { kind: 'additional', path: '.hidden' },
    { kind: 'additional', path: 'A-0.1.0.tgz' },
    { kind: 'additional', path: 'b-0.1.0.tgz' },
    { kind: 'additional', path: 'keys/CD.asc' },
    { kind: 'additional', path: 'keys/more', found: 'a directory' },
    { kind: 'additional', path: 'link', found: 'a symbolic link' },
    { kind: 'additional', path: 'more', found: 'a directory' },
    { kind: 'additional', path: 'socket', found: 'a socket' },
    { kind: 'additional', path: 'zero', found: 'a symbolic link' },
  ]);
});

test('a folder that is gone takes its files away', async () => {
  const mirror = await mirrored();
  await rm(join(mirror.directory, 'keys'), { recursive: true });
  expect(await differences(mirror)).toEqual([{ kind: 'missing', path: 'keys/AB.asc' }]);
});

test('how far it is is told file by file', async () => {
  const { directory, manifest } = await mirrored();
  const told: number[] = [];
  const found: Difference[] = [];
  for await (const each of differencesOf(directory, manifest, (count) => told.push(count))) found.push(each);
  expect({ told, found }).toEqual({ told: [1, 2, 3, 4], found: [] });
});
