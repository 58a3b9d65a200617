import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPins, readPin, writePin } from '../../src/trust/pins.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const url = 'https://rekor.example.com/prefix';
const keys = [newLogKeys['P-256']().key, newLogKeys.Ed25519().key];
const pin = { url, keys, pinnedAt: 1795611600 };

describe('a pin', () => {
  test('is read back as it was written', async () => {
    const directory = join(await temporaryDirectory(), 'sigstore', 'pins');
    const path = await writePin(directory, pin);
    const found = await readPin(directory, url);
    expect(found).toMatchObject({ url, pinnedAt: 1795611600, path });
    expect(found?.keys.map(({ logId }) => logId)).toEqual(keys.map(({ logId }) => logId));
  });

  test('is a file that people can read, with the fingerprints that they compare', async () => {
    const path = await writePin(await temporaryDirectory(), pin);
    expect(path).toMatch(/rekor\.example\.com-[0-9a-f]{16}\.json$/);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      url,
      keys: keys.map(({ publicKey }) => publicKey.export({ format: 'pem', type: 'spki' })),
      fingerprints: keys.map(({ logId }) => logId),
      pinnedAt: '2026-11-25T13:00:00Z',
    });
  });

  test('belongs to its user alone', async () => {
    const directory = join(await temporaryDirectory(), 'pins');
    const path = await writePin(directory, pin);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.skipIf(process.platform === 'win32')(
    'is not waited for where a pipe stands in its place (needs a Unix)',
    async () => {
      const directory = await temporaryDirectory();
      const path = await writePin(directory, pin);
      await rm(path);
      execFileSync('mkfifo', [path]);
      await expect(readPin(directory, url)).rejects.toThrow('it is no regular file but a pipe');
      expect((await listPins(directory)).problems).toMatchObject([
        { message: expect.stringContaining('a pipe') as string },
      ]);
    },
  );

  test('replaces an older one and leaves nothing else behind', async () => {
    const directory = await temporaryDirectory();
    await writePin(directory, pin);
    await writePin(directory, { ...pin, keys: keys.slice(1) });
    expect((await readPin(directory, url))?.keys.length).toBe(1);
    expect((await readdir(directory)).length).toBe(1);
  });

  test('written by many at once is one of them, whole', async () => {
    const directory = await temporaryDirectory();
    await Promise.all(Array.from({ length: 20 }, (_, i) => writePin(directory, { ...pin, pinnedAt: i })));
    expect((await readPin(directory, url))?.pinnedAt).toBeLessThan(20);
    expect((await readdir(directory)).length).toBe(1);
  });

  test.each([
    'https://rekor.example.com',
    'https://rekor.example.com/prefix2',
    'http://rekor.example.com/prefix',
    'https://rekor.example.com:8443/prefix',
    'http://[::1]:3000',
  ])('counts for its URL and not for %s', async (other) => {
    const directory = await temporaryDirectory();
    await writePin(directory, pin);
    expect(await readPin(directory, other)).toBeUndefined();
    await writePin(directory, { ...pin, url: other });
    expect((await readdir(directory)).length).toBe(2);
  });

  test('that was never made is none', async () => {
    expect(await readPin(join(await temporaryDirectory(), 'none'), url)).toBeUndefined();
  });
});

describe('a pin that is damaged is never passed over', () => {
  const [first, second] = keys.map(({ publicKey, logId }) => ({
    pem: publicKey.export({ format: 'pem', type: 'spki' }),
    logId,
  }));
  const content = { url, keys: [first?.pem], fingerprints: [first?.logId], pinnedAt: '2026-11-25T13:00:00Z' };

  test.each([
    ['empty', '', 'expected JSON, found nothing'],
    ['cut', JSON.stringify(content).slice(0, 100), 'expected JSON, found "{'],
    [
      'of another URL',
      { ...content, url: 'https://other.example.com' },
      `expected the keys of ${url}, found those of https://other.example.com`,
    ],
    [
      'without keys',
      { ...content, keys: [], fingerprints: [] },
      'keys: expected at least one key, found an array',
    ],
    ['with a damaged key', { ...content, keys: ['text'] }, 'expected whole PEM blocks'],
    [
      'with two keys in one',
      { ...content, keys: [String(first?.pem) + String(second?.pem)] },
      'one public key was expected',
    ],
    [
      'with another fingerprint than its key has',
      { ...content, fingerprints: [second?.logId] },
      'not those that it says',
    ],
    [
      'with a fingerprint too many',
      { ...content, fingerprints: [first?.logId, second?.logId] },
      'not those that it says',
    ],
    ['without a time', { ...content, pinnedAt: 'today' }, 'expected a time such as'],
    ['with a member that nobody knows', { ...content, insecure: true }, 'expected no member "insecure"'],
    ['a list', [content], 'expected an object, found an array'],
  ])('%s', async (_, damaged, message) => {
    const directory = await temporaryDirectory();
    const path = await writePin(directory, pin);
    await writeFile(path, typeof damaged === 'string' ? damaged : JSON.stringify(damaged));
    const failure = readPin(directory, url);
    await expect(failure).rejects.toMatchObject({
      code: 'INPUT',
      hint: `pin the log again with helm sigstore log pin ${url}`,
    });
    await expect(failure).rejects.toThrow(`the pin ${path} is damaged: `);
    await expect(failure).rejects.toThrow(message);
  });

  test('or cannot be read', async () => {
    const directory = await temporaryDirectory();
    const path = await writePin(directory, pin);
    const other = join(await temporaryDirectory(), 'pins');
    await mkdir(join(other, path.slice(directory.length)), { recursive: true });
    await expect(readPin(other, url)).rejects.toThrow(/^cannot read the pin .*EISDIR/);
  });

  test('where it cannot be written, that is an error too', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(writePin(join(file, 'pins'), pin)).rejects.toMatchObject({ code: 'INPUT' });
    await expect(writePin(join(file, 'pins'), pin)).rejects.toThrow('cannot write the pin');
  });
});
