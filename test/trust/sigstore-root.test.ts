import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadBuiltInRoot, PUBLIC_LOG } from '../../src/trust/public-good.ts';
import { refreshedRootPath, writeRefreshedRoot } from '../../src/trust/refreshed-root.ts';
import { isStale, loadSigstoreRoot, logOfRoot, warningsAbout } from '../../src/trust/sigstore-root.ts';
import { parseTrustedRoot } from '../../src/trust/trusted-root.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { trustedRoot } from '../support/trusted-root.ts';

const DAY = 86_400;
const MIRROR = 'https://mirror.example.com';
const [publicKeys, otherKeys] = [newLogKeys['P-256'](), newLogKeys.Ed25519()];
const json: unknown = JSON.parse(
  trustedRoot([
    { url: PUBLIC_LOG, keys: publicKeys, validFor: { start: 0 } },
    { url: 'https://rekor.sigstage.dev', keys: otherKeys, validFor: { start: 0 } },
  ]),
);
const logs = parseTrustedRoot(json);
const metadata = { root: '', timestamp: '', snapshot: '', targets: '' };

async function directoryWithCopyOf(refreshedAt: number): Promise<string> {
  const directory = await temporaryDirectory();
  await writeRefreshedRoot(directory, { repository: MIRROR, refreshedAt, trustedRoot: json, logs, metadata });
  return directory;
}

describe("the copy of Sigstore's trusted root that counts", () => {
  test('is the built-in one where there is no other', async () => {
    const builtIn = await loadBuiltInRoot();
    const copy = { origin: 'built-in', asOf: builtIn.date };
    expect((await loadSigstoreRoot(undefined)).copy).toEqual(copy);
    expect((await loadSigstoreRoot(await temporaryDirectory())).copy).toEqual(copy);
  });

  test('is the refreshed one if that is newer', async () => {
    const { date } = await loadBuiltInRoot();
    const root = await loadSigstoreRoot(await directoryWithCopyOf(date + DAY));
    expect(root.copy).toEqual({ origin: 'refreshed', asOf: date + DAY });
    expect(root.logs.map(({ key }) => key.logId)).toEqual([publicKeys.key.logId, otherKeys.key.logId]);
  });

  test('is the built-in one of a version of the program that is newer', async () => {
    const { date } = await loadBuiltInRoot();
    const root = await loadSigstoreRoot(await directoryWithCopyOf(date - 1));
    expect(root.copy).toEqual({ origin: 'built-in', asOf: date });
    expect(root.logs.map(({ key }) => key.logId)).not.toContain(publicKeys.key.logId);
  });

  test('is the built-in one if the other is damaged, and says so', async () => {
    const directory = await directoryWithCopyOf((await loadBuiltInRoot()).date + DAY);
    await writeFile(refreshedRootPath(directory), '{"repository": ');
    const { copy } = await loadSigstoreRoot(directory);
    expect(copy.origin).toBe('built-in');
    expect(copy.passedOver).toContain('sigstore.json is damaged: expected JSON, found');
  });
});

describe("the keys of Sigstore's trusted root", () => {
  const root = { logs, copy: { origin: 'refreshed', asOf: 1795611600 } } as const;

  test('are those of the public log for the public log', () => {
    const log = logOfRoot(PUBLIC_LOG, root, false);
    expect(log.keys.map(({ logId }) => logId)).toEqual([publicKeys.key.logId]);
    expect(log.source).toEqual({
      kind: 'refreshed',
      detail: "Sigstore's trusted root, refreshed at 2026-11-25T13:00:00Z",
      root: root.copy,
    });
  });

  test('are all of them for a mirror, which is asked for by name', () => {
    const log = logOfRoot(MIRROR, root, true);
    expect(log.keys).toHaveLength(2);
    expect(log).toMatchObject({ url: MIRROR, source: { kind: 'trusted-root' } });
  });

  test('say of which day the built-in ones are', () => {
    const log = logOfRoot(PUBLIC_LOG, { logs, copy: { origin: 'built-in', asOf: 1795564800 } }, false);
    expect(log.source).toMatchObject({ kind: 'built-in', detail: "Sigstore's trusted root of 2026-11-25" });
  });
});

describe('the age of a copy', () => {
  const now = 1795611600;
  const copyOf = (age: number) => ({ origin: 'built-in', asOf: now - age }) as const;

  test.each([
    ['a moment', 0, false],
    ['seven days', 7 * DAY, false],
    ['more', 7 * DAY + 1, true],
    ['a day to come', -DAY, true],
  ])('of %s: a reason for a refresh? %#', (_, age, stale) => {
    expect(isStale(copyOf(age), now)).toBe(stale);
  });

  test('is said when it is above 90 days, of both kinds of copy', () => {
    expect(warningsAbout(copyOf(90 * DAY), now)).toEqual([]);
    expect(warningsAbout(copyOf(91 * DAY), now)).toEqual([
      "the built-in copy of Sigstore's trusted root is 91 days old; helm sigstore trust update brings a new one",
    ]);
    expect(warningsAbout({ origin: 'refreshed', asOf: now - 400 * DAY }, now)).toEqual([
      "the last copy of Sigstore's trusted root is 400 days old; helm sigstore trust update brings a new one",
    ]);
  });

  test('does not hide that another copy was passed over', () => {
    expect(warningsAbout({ ...copyOf(0), passedOver: 'it is damaged' }, now)).toEqual([
      'it is damaged; helm sigstore trust update brings a new one',
    ]);
  });
});
