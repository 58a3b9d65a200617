import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PUBLIC_LOG } from '../../src/trust/public-good.ts';
import { readRefreshedRoot, refreshedRootPath } from '../../src/trust/refreshed-root.ts';
import { loadSigstoreRoot } from '../../src/trust/sigstore-root.ts';
import type { RunContext } from '../../src/run/context.ts';
import { refreshedSigningConfig } from '../../src/signing/which-servers.ts';
import { fakeSigstore, fakeToken } from '../identity/fake-sigstore.ts';
import { chartArchive } from '../support/chart.ts';
import { holdTime, pass } from '../support/held-time.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { runProgram } from '../support/program.ts';
import { refreshFrom, startRootRepository } from '../support/sigstore-root.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { trustedRoot } from '../support/trusted-root.ts';
import type { Publication, ServedFile, TufRepository } from '../support/tuf-repository.ts';

const CONFIG = '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[]}';

/** An answer without content; one of 302 leads to another server. */
const answer =
  (status: number): ServedFile =>
  (response) =>
    void response.writeHead(status, { location: 'http://127.0.0.2/signing_config.json' }).end();

/** The earlier refresh is then no reason to wait. */
const inTwoHours = () => Math.floor(Date.now() / 1000) + 7200;

const next = (version: number) => ({
  timestamp: { version },
  snapshot: { version },
  targets: { version },
});

async function refreshed(repository: TufRepository, directory: string) {
  return await refreshFrom(repository, { directory }).refresh.update();
}

describe('a refresh of the trusted root', () => {
  test('brings the signing config of the same repository, in the same metadata', async () => {
    const { repository } = await startRootRepository();
    repository.publish({ ...next(2), signingConfig: CONFIG });
    const directory = await temporaryDirectory();
    await refreshed(repository, directory);
    expect((await readRefreshedRoot(directory))?.signingConfig).toEqual(JSON.parse(CONFIG));
    expect((await loadSigstoreRoot(directory)).signingConfig).toEqual(JSON.parse(CONFIG));
  });

  test('brings none where the repository lists none, also where it had one before', async () => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.publish({ ...next(2), signingConfig: CONFIG });
    await refreshed(repository, directory);
    repository.publish(next(3));
    await refreshed(repository, directory);
    expect((await loadSigstoreRoot(directory)).copy.origin).toBe('refreshed');
    expect((await loadSigstoreRoot(directory)).signingConfig).toBeUndefined();
  });

  /** What a repository lists in the third version, and what it has in its place. */
  function list(repository: TufRepository, signingConfig: string, has: ServedFile | undefined): void {
    repository.publish({ ...next(3), signingConfig });
    for (const path of [...repository.files.keys()])
      if (path.endsWith('.signing_config.v0.2.json'))
        if (has === undefined) repository.files.delete(path);
        else repository.files.set(path, has);
  }

  const long = JSON.stringify('x'.repeat(1 << 18));
  const unusable: readonly (readonly [string, string, ServedFile | undefined, string | undefined])[] = [
    ['is not there, though it is listed', '{"a":1}', undefined, undefined],
    ['cannot be had now', '{"a":1}', answer(503), undefined],
    ['breaks off', '{"a":1}', (response) => void response.destroy(), undefined],
    ['was exchanged', '{"a":1}', '{"b":1}', 'does not prove what it says'],
    ['was exchanged for a longer one', '{"a":1}', '{"a":12}', 'the answer is longer than 7 bytes'],
    ['is led to elsewhere', '{"a":1}', answer(302), 'found a redirect'],
    ['is no JSON', '{', '{', 'to have a signing config: expected JSON'],
    ['is too long', long, long, 'is longer than 262144 bytes'],
  ];

  /** A repository that had a signing config before, with a new trusted root, and the copy of what it had. */
  async function spoiled(listed: string, has: ServedFile | undefined) {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.publish({ ...next(2), signingConfig: CONFIG });
    await refreshed(repository, directory);
    const content = trustedRoot([{ url: PUBLIC_LOG, keys: newLogKeys['P-256'](), validFor: { start: 0 } }]);
    repository.publish({ ...next(3), content });
    list(repository, listed, has);
    const expectKept = async () => {
      const kept = await loadSigstoreRoot(directory);
      expect(kept.trustedRoot, 'the new root').toEqual(JSON.parse(content));
      expect(kept.signingConfig, 'the earlier config').toEqual(JSON.parse(CONFIG));
    };
    return { ...refreshFrom(repository, { directory, now: inTwoHours }), expectKept };
  }

  describe.each(unusable)('where it %s', (_, listed, has, fault) => {
    test('the root is new all the same, the signing config stays, and the user is told', async () => {
      const { refresh, warnings, expectKept } = await spoiled(listed, has);
      if (fault === undefined) {
        await refresh.update();
        expect(warnings).toEqual([expect.stringContaining('the signing config stays as it was: ')]);
      } else {
        const updating = refresh.update();
        await expect(updating).rejects.toMatchObject({ code: 'LOG_ANSWER' });
        await expect(updating).rejects.toThrow(fault);
        expect(warnings).toEqual([]);
      }
      await expectKept();
    });

    test('a run that needs a key gets it, and is told of an answer that proves nothing', async () => {
      const { refresh, warnings, expectKept } = await spoiled(listed, has);
      expect(await refresh.forUnknownKey()).toBeDefined();
      expect(warnings).toEqual(fault === undefined ? [] : [expect.stringContaining(fault)]);
      await expectKept();
    });

    test('an old copy is replaced, and nothing said', async () => {
      const { refresh, warnings, expectKept } = await spoiled(listed, has);
      await refresh.forAge({ origin: 'built-in', asOf: 0 });
      expect(warnings).toEqual([]);
      await expectKept();
    });
  });

  test('where it never comes, the time that a refresh for age may take is up, and the root is kept', async () => {
    let noteAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (noteAsked = resolve));
    const { refresh, expectKept } = await spoiled('{}', () => {
      noteAsked();
    });
    holdTime();
    const ended = refresh.forAge({ origin: 'built-in', asOf: 0 });
    await asked;
    await pass(5000);
    await ended;
    await expectKept();
  });

  const lies: readonly (readonly [string, Publication])[] = [
    ['is rolled back', next(1)],
    [
      'is signed in metadata that has expired',
      { ...next(3), timestamp: { version: 3, expires: '2020-01-01T00:00:00Z' } },
    ],
  ];

  test.each(lies)('where it %s, leaves the copy as it is', async (_, lie) => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.publish({ ...next(2), signingConfig: CONFIG });
    await refreshed(repository, directory);
    const before = await readFile(refreshedRootPath(directory));
    repository.publish({ ...lie, signingConfig: '{}' });
    await expect(refreshed(repository, directory)).rejects.toMatchObject({ code: 'LOG_ANSWER' });
    expect(await readFile(refreshedRootPath(directory))).toEqual(before);
  });
});

describe('sign --identity', () => {
  /** What it says before it asks, with this signing config in the copy of the last refresh. */
  async function announced(signingConfig: string, ...words: readonly string[]) {
    const { repository } = await startRootRepository();
    repository.publish({ ...next(2), signingConfig });
    const home = await temporaryDirectory();
    await refreshed(repository, join(home, 'trust'));
    const chart = join(home, 'hello-0.1.0.tgz');
    await writeFile(chart, await chartArchive('hello', '0.1.0'));
    // One that names the log on this machine: else it would not ask.
    const log = { url: 'http://127.0.0.1', keys: newLogKeys['P-256'](), validFor: { start: 1 } };
    const root = join(home, 'root.json');
    await writeFile(root, trustedRoot([log]));
    const env = { SIGSTORE_ID_TOKEN: fakeToken(), HELM_SIGSTORE_HOME: home, SIGSTORE_TRUSTED_ROOT: root };
    return await runProgram(['sign', chart, '--identity', ...words, '--timeout', '2s'], { env, home });
  }

  test('asks the servers that were refreshed, and with --signing-config others', async () => {
    const sigstore = await fakeSigstore();
    const config = await readFile(sigstore.signingConfig, 'utf8');
    const { stderr } = await announced(config);
    const { caUrls } = JSON.parse(config) as { caUrls: readonly { url: string }[] };
    expect(stderr).toContain(`asks ${caUrls[0]?.url ?? ''}`);
    const other = join(await temporaryDirectory(), 'signing.json');
    await writeFile(other, config.replaceAll(/127\.0\.0\.1:[0-9]+/g, '127.0.0.1:1'));
    expect((await announced(config, '--signing-config', other)).stderr).toContain('asks http://127.0.0.1:1');
  });

  test('is told of a refreshed one that it cannot read, and then goes by its own', async () => {
    const { repository } = await startRootRepository();
    repository.publish({ ...next(2), signingConfig: CONFIG.replace('v0.2', 'v9') });
    const home = await temporaryDirectory();
    await refreshed(repository, join(home, 'trust'));
    const warnings: string[] = [];
    const stderr = { warn: (text: string) => warnings.push(text) };
    const context = { env: { HELM_SIGSTORE_HOME: home }, platform: process.platform, home, stderr };
    expect(await refreshedSigningConfig(context as unknown as RunContext)).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringContaining('the signing config that was refreshed cannot be read'),
    ]);
  });
});
