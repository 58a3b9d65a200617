import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRefreshedRoot, refreshedRootPath } from '../../src/trust/refreshed-root.ts';
import { loadSigstoreRoot } from '../../src/trust/sigstore-root.ts';
import type { RunContext } from '../../src/run/context.ts';
import { refreshedSigningConfig } from '../../src/signing/which-servers.ts';
import { fakeSigstore, fakeToken } from '../identity/fake-sigstore.ts';
import { chartArchive } from '../support/chart.ts';
import { runProgram } from '../support/program.ts';
import { refreshFrom, startRootRepository } from '../support/sigstore-root.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { TufRepository } from '../support/tuf-repository.ts';

const CONFIG = '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[]}';

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

  const lies: readonly (readonly [string, (repository: TufRepository) => void])[] = [
    [
      'is rolled back',
      (repository) => {
        repository.publish({ ...next(1), signingConfig: '{}' });
      },
    ],
    [
      'was exchanged',
      (repository) => {
        repository.publish({ ...next(3), signingConfig: '{"a":1}' });
        for (const path of repository.files.keys())
          if (path.endsWith('.signing_config.v0.2.json')) repository.files.set(path, '{"b":1}');
      },
    ],
    [
      'is not there, though it is listed',
      (repository) => {
        repository.publish({ ...next(3), signingConfig: '{"a":1}' });
        for (const path of repository.files.keys())
          if (path.endsWith('.signing_config.v0.2.json')) repository.files.delete(path);
      },
    ],
    [
      'is no JSON',
      (repository) => {
        repository.publish({ ...next(3), signingConfig: '{' });
      },
    ],
    [
      'is too long',
      (repository) => {
        repository.publish({ ...next(3), signingConfig: JSON.stringify('x'.repeat(1 << 18)) });
      },
    ],
    [
      'is signed in metadata that has expired',
      (repository) => {
        const expires = '2020-01-01T00:00:00Z';
        repository.publish({ ...next(3), timestamp: { version: 3, expires }, signingConfig: '{}' });
      },
    ],
  ];

  test.each(lies)('where it %s, leaves the copy as it is', async (_, lie) => {
    const { repository } = await startRootRepository();
    const directory = await temporaryDirectory();
    repository.publish({ ...next(2), signingConfig: CONFIG });
    await refreshed(repository, directory);
    const before = await readFile(refreshedRootPath(directory));
    lie(repository);
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
    const env = { SIGSTORE_ID_TOKEN: fakeToken(), HELM_SIGSTORE_HOME: home };
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
