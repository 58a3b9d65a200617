import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PUBLIC_LOG } from '../../src/trust/public-good.ts';
import {
  lastAttempt,
  noteAttempt,
  readRefreshedRoot,
  refreshedRootPath,
  writeRefreshedRoot,
  type RefreshedRoot,
} from '../../src/trust/refreshed-root.ts';
import { parseTrustedRoot } from '../../src/trust/trusted-root.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { trustedRoot } from '../support/trusted-root.ts';

const keys = newLogKeys['P-256']();
const json: unknown = JSON.parse(trustedRoot([{ url: PUBLIC_LOG, keys, validFor: { start: 0 } }]));
const root: RefreshedRoot = {
  repository: 'https://tuf.example.com',
  refreshedAt: 1795611600,
  trustedRoot: json,
  logs: parseTrustedRoot(json),
  metadata: { root: 'r', timestamp: 't', snapshot: 's', targets: '{"t": "ä"}' },
};

describe('the copy of a refreshed root', () => {
  test('is read back as it was written', async () => {
    const directory = join(await temporaryDirectory(), 'a', 'b');
    await writeRefreshedRoot(directory, root);
    const found = await readRefreshedRoot(directory);
    expect({ ...found, logs: [] }).toEqual({ ...root, logs: [] });
    expect(found?.logs.map(({ url, key }) => [url, key.logId])).toEqual([[PUBLIC_LOG, keys.key.logId]]);
  });

  test('belongs to its user alone', async () => {
    const directory = join(await temporaryDirectory(), 'trust');
    await writeRefreshedRoot(directory, root);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(refreshedRootPath(directory))).mode & 0o777).toBe(0o600);
  });

  test('written by many at once is one of them, whole, and nothing else is left', async () => {
    const directory = await temporaryDirectory();
    const writes = Array.from({ length: 20 }, (_, i) =>
      writeRefreshedRoot(directory, { ...root, refreshedAt: i }),
    );
    await Promise.all(writes);
    expect((await readRefreshedRoot(directory))?.refreshedAt).toBeLessThan(20);
    expect(await readdir(directory)).toEqual(['sigstore.json']);
  });

  test('is none where none was written', async () => {
    expect(await readRefreshedRoot(join(await temporaryDirectory(), 'none'))).toBeUndefined();
  });

  test('that was torn anywhere is damaged, and says where it is', async () => {
    const directory = await temporaryDirectory();
    await writeRefreshedRoot(directory, root);
    const path = refreshedRootPath(directory);
    const whole = (await readFile(path, 'utf8')).trimEnd();
    for (let length = 0; length < whole.length; length += 101) {
      await writeFile(path, whole.slice(0, length));
      const failure = readRefreshedRoot(directory);
      await expect(failure).rejects.toMatchObject({ code: 'INPUT' });
      await expect(failure).rejects.toThrow(`the copy of Sigstore's trusted root ${path} is damaged: `);
    }
  });

  test.each([
    ['something else', '[]', 'expected an object, found an array'],
    ['a key too many', { more: 1 }, 'expected no member "more"'],
    ['no time', { refreshedAt: 'now' }, 'expected a time such as'],
    ['no metadata', { metadata: {} }, 'metadata.root: expected a string, found nothing'],
    ['no trusted root', { trustedRoot: {} }, 'mediaType: expected a string, found nothing'],
  ])('with %s is damaged', async (_, change, says) => {
    const directory = await temporaryDirectory();
    await writeRefreshedRoot(directory, root);
    const path = refreshedRootPath(directory);
    const content = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, typeof change === 'string' ? change : JSON.stringify({ ...content, ...change }));
    await expect(readRefreshedRoot(directory)).rejects.toThrow(says);
  });

  test('that cannot be read or written is an error', async () => {
    const directory = await temporaryDirectory();
    await mkdir(refreshedRootPath(directory));
    await expect(readRefreshedRoot(directory)).rejects.toThrow('cannot read the copy');
    const file = join(directory, 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(writeRefreshedRoot(join(file, 'trust'), root)).rejects.toMatchObject({ code: 'INPUT' });
    await expect(noteAttempt(join(file, 'trust'), 0)).rejects.toThrow('cannot write');
  });
});

describe('the note of the last attempt', () => {
  test('is read back', async () => {
    const directory = join(await temporaryDirectory(), 'trust');
    expect(await lastAttempt(directory)).toBeUndefined();
    await noteAttempt(directory, 1795611600);
    expect(await lastAttempt(directory)).toBe(1795611600);
  });

  test('that is damaged says nothing', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'last-attempt'), 'never mind');
    expect(await lastAttempt(directory)).toBeUndefined();
  });
});
