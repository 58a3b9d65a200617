import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LogTrust } from '../../src/trust/log-trust.ts';
import { loadBuiltInRoot, PUBLIC_LOG } from '../../src/trust/public-good.ts';
import { lastAttempt, readRefreshedRoot, refreshedRootPath } from '../../src/trust/refreshed-root.ts';
import type { RefreshOptions } from '../../src/trust/root-refresh.ts';
import { loadSigstoreRoot, logOfRoot } from '../../src/trust/sigstore-root.ts';
import type { RootCopy } from '../../src/trust/trusted-log.ts';
import { holdTime, pass } from '../support/held-time.ts';
import { unusedPort } from '../support/loopback.ts';
import { refreshFrom, startRootRepository } from '../support/sigstore-root.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const now = Math.floor(Date.now() / 1000);
const DAY = 86_400;
const old: RootCopy = { origin: 'built-in', asOf: now - 8 * DAY };

/** A directory that cannot be made, whoever asks: a file is in its way. */
async function readOnly(): Promise<string> {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  return join(file, 'trust');
}

describe('a refresh that the user asked for', () => {
  test('brings a copy that counts from then on', async () => {
    const { repository, keys } = await startRootRepository();
    const directory = join(await temporaryDirectory(), 'trust');
    const { refresh } = refreshFrom(repository, { directory, now: () => now });
    const root = await refresh.update();
    expect(root).toMatchObject({ repository: repository.url, refreshedAt: now });
    const counting = await loadSigstoreRoot(directory);
    expect(counting.copy).toEqual({ origin: 'refreshed', asOf: now });
    expect(counting.logs.map(({ key }) => key.logId)).toEqual([keys.key.logId]);
  });

  test('does not wait for the hour to pass', async () => {
    const { repository } = await startRootRepository();
    const { refresh } = refreshFrom(repository, { directory: await temporaryDirectory() });
    await refresh.update();
    const before = repository.asked.length;
    await refresh.update();
    expect(repository.asked.length).toBeGreaterThan(before);
  });

  test('replaces a copy that is damaged', async () => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    await writeFile(refreshedRootPath(directory), '\0\0\0');
    await refreshFrom(repository, { directory }).refresh.update();
    expect((await loadSigstoreRoot(directory)).copy.origin).toBe('refreshed');
  });

  test('fails where the copy cannot be kept, and asks nobody', async () => {
    const { repository } = await startRootRepository();
    for (const directory of [undefined, await readOnly()])
      await expect(refreshFrom(repository, { directory }).refresh.update()).rejects.toMatchObject({
        code: 'INPUT',
      });
    expect(repository.asked).toEqual([]);
  });

  test('leaves the copy as it is when the repository lies, is rolled back or is out of reach', async () => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.publish({ timestamp: { version: 2 } });
    await refreshFrom(repository, { directory }).refresh.update();
    const before = await readFile(refreshedRootPath(directory));

    repository.publish({ timestamp: { version: 1 } });
    await expect(refreshFrom(repository, { directory }).refresh.update()).rejects.toMatchObject({
      code: 'LOG_ANSWER',
    });
    const next = { version: 3 };
    repository.publish({
      timestamp: next,
      snapshot: next,
      targets: next,
      content: '{"mediaType": "text/plain"}',
    });
    await expect(refreshFrom(repository, { directory }).refresh.update()).rejects.toThrow(
      'to have a trusted root: mediaType: expected',
    );
    const nowhere = { url: `http://127.0.0.1:${await unusedPort()}`, firstRoot: repository.firstRoot };
    await expect(refreshFrom(nowhere, { directory }).refresh.update()).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
    expect(await readFile(refreshedRootPath(directory))).toEqual(before);
  });

  test('refuses a root without any key that could be used', async () => {
    const { repository } = await startRootRepository();
    const content = '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": []}';
    const next = { version: 2 };
    repository.publish({ timestamp: next, snapshot: next, targets: next, content });
    const { refresh } = refreshFrom(repository, { directory: await temporaryDirectory() });
    await expect(refresh.update()).rejects.toThrow('there is no key of a Rekor v1 log in it');
  });

  test('made by many at once leaves one whole copy and nothing else', async () => {
    const { repository } = await startRootRepository();
    const directory = join(await temporaryDirectory(), 'trust');
    await Promise.all(
      Array.from({ length: 8 }, () => refreshFrom(repository, { directory }).refresh.update()),
    );
    expect(await readRefreshedRoot(directory)).toBeDefined();
    expect((await readdir(directory)).sort()).toEqual(['last-attempt', 'sigstore.json']);
  });
});

describe('a refresh for an unknown log ID', () => {
  test('brings its root to this run and a copy to later ones', async () => {
    const { repository, keys } = await startRootRepository();
    const directory = join(await temporaryDirectory(), 'trust');
    const { refresh, warnings } = refreshFrom(repository, { directory });
    const root = await refresh.forUnknownKey();
    expect(root?.logs.map(({ key }) => key.logId)).toEqual([keys.key.logId]);
    expect((await loadSigstoreRoot(directory)).copy.origin).toBe('refreshed');
    expect(warnings).toEqual([]);
  });

  test.each([
    [59 * 60, 0],
    [60 * 60, 5],
    [-60, 5],
  ])('is made %i seconds after the last one with %i requests', async (pause, requests) => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.files.delete('timestamp.json');
    await refreshFrom(repository, { directory, now: () => now }).refresh.forUnknownKey();
    repository.publish({});
    const before = repository.asked.length;
    await refreshFrom(repository, { directory, now: () => now + pause }).refresh.forUnknownKey();
    expect(repository.asked.length - before).toBe(requests);
  });

  test('is made without a place for state as well, for this run alone', async () => {
    const { repository, keys } = await startRootRepository();
    for (const directory of [undefined, await readOnly()]) {
      const { refresh, warnings } = refreshFrom(repository, { directory });
      const root = await refresh.forUnknownKey();
      expect(root?.logs.map(({ key }) => key.logId)).toEqual([keys.key.logId]);
      expect(warnings).toEqual([]);
    }
  });

  test('that fails is a warning', async () => {
    const { repository } = await startRootRepository();
    repository.files.delete('timestamp.json');
    const { refresh, warnings } = refreshFrom(repository, { directory: await temporaryDirectory() });
    expect(await refresh.forUnknownKey()).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringContaining("Sigstore's trusted root could not be refreshed: the TUF repository"),
    ]);
  });
});

describe('a refresh for age', () => {
  test('brings a copy for later runs', async () => {
    const { repository } = await startRootRepository();
    const directory = join(await temporaryDirectory(), 'trust');
    await refreshFrom(repository, { directory }).refresh.forAge(old);
    expect((await loadSigstoreRoot(directory)).copy.origin).toBe('refreshed');
  });

  test.each<[string, RootCopy, Partial<RefreshOptions>]>([
    ['the copy is of this week', { origin: 'built-in', asOf: now - 6 * DAY }, {}],
    ['what is kept may be shared, as in CI', old, { isShared: true }],
    ['there is no place for state', old, { directory: undefined }],
  ])('asks nobody if %s', async (_, copy, options) => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    await refreshFrom(repository, { directory, now: () => now, ...options }).refresh.forAge(copy);
    expect(repository.asked).toEqual([]);
    expect(await lastAttempt(directory)).toBeUndefined();
  });

  test('asks nobody if state cannot be written', async () => {
    const { repository } = await startRootRepository();
    await refreshFrom(repository, { directory: await readOnly() }).refresh.forAge(old);
    expect(repository.asked).toEqual([]);
  });

  test('is tried once an hour, also when it fails, and says nothing', async () => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.files.delete('timestamp.json');
    const { refresh, warnings } = refreshFrom(repository, { directory, now: () => now });
    await refresh.forAge(old);
    const before = repository.asked.length;
    expect(before).toBeGreaterThan(0);
    await refresh.forAge(old);
    expect(repository.asked).toHaveLength(before);
    expect(warnings).toEqual([]);
  });

  test('gives up a copy that cannot be replaced', async () => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    await mkdir(refreshedRootPath(directory));
    const { refresh, warnings } = refreshFrom(repository, { directory });
    await refresh.forAge(old);
    expect(warnings).toEqual([]);
  });

  test('keeps the run from ending for five seconds at most', async () => {
    const { repository } = await startRootRepository();
    const asked = new Promise<void>((resolve) =>
      repository.files.set('timestamp.json', () => {
        resolve();
      }),
    );
    const { refresh } = refreshFrom(repository, { directory: await temporaryDirectory() });
    holdTime();
    let hasEnded = false;
    const ended = refresh.forAge(old).finally(() => (hasEnded = true));
    await asked;
    await pass(4999);
    expect(hasEnded).toBe(false);
    await pass(1);
    await ended;
  });
});

describe('the trusted keys of a run', () => {
  async function builtIn() {
    const { logs, date } = await loadBuiltInRoot();
    return logOfRoot(PUBLIC_LOG, { logs, copy: { origin: 'built-in', asOf: date } }, false);
  }

  test('gain the key that only a refreshed root knows', async () => {
    const { repository, keys } = await startRootRepository();
    const trust = new LogTrust(await builtIn(), refreshFrom(repository, { directory: undefined }).refresh);
    const trusted = await trust.forLogId(keys.key.logId);
    expect(trusted?.keys.map(({ logId }) => logId)).toEqual([keys.key.logId]);
    expect(trusted?.source.kind).toBe('refreshed');
    expect(trust.current).toBe(trusted);
  });

  test('are not refreshed for a log ID that they know, and once in a run for all others', async () => {
    const { repository } = await startRootRepository();
    const selected = await builtIn();
    const trust = new LogTrust(selected, refreshFrom(repository, { directory: undefined }).refresh);
    await trust.forLogId(selected.keys[0]?.logId ?? '');
    expect(repository.asked).toEqual([]);
    await Promise.all(['00', '11', '22'].map((byte) => trust.forLogId(byte.repeat(32))));
    expect(repository.asked).toHaveLength(5);
  });

  test("are never refreshed if they are not those of Sigstore's own root", async () => {
    const { repository } = await startRootRepository();
    const { refresh } = refreshFrom(repository, { directory: await temporaryDirectory() });
    const pinned = { url: PUBLIC_LOG, keys: [], source: { kind: 'pin', detail: 'a pin' } } as const;
    for (const selected of [pinned, undefined]) {
      const trust = new LogTrust(selected, refresh);
      expect(await trust.forLogId('00'.repeat(32))).toBe(selected);
      await trust.afterwards();
    }
    expect(repository.asked).toEqual([]);
  });
});
