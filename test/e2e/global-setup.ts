import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildDist } from '../../scripts/build.mjs';
import { fetchHelms, type Helm } from '../../scripts/fetch-helm.mjs';
import { packageDownloader, packagePlugin } from '../../scripts/package.mjs';
import { makeExecutable, packExecutable } from '../../scripts/package-standalone.mjs';
import { createPublisher } from '../../scripts/publisher.mjs';
import { targetOfThisMachine } from '../../scripts/standalone.mjs';
import { isStandalone } from './product.ts';

/** The packed plugin, as a publisher would release it. */
export interface Release {
  readonly archive: string;
  /** The key that signed it. */
  readonly keyring: string;
  /** The downloader of the gate, as a plugin of its own. */
  readonly downloader: string;
  /** A later version of the same. */
  readonly next: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    helms: readonly Helm[];
    release: Release;
  }
}

/** Compiles the executable for this machine once, and returns what packs it. */
async function standalonePacker(directory: string): Promise<typeof packagePlugin> {
  const bundles = await buildDist();
  const target = targetOfThisMachine();
  const executable = await makeExecutable(target, directory);
  return (to, options) => packExecutable(executable, target, { directory: to, bundles, ...options });
}

/**
 * Packs and signs the plugin and brings real Helm binaries. In CI a missing Helm is a failure, elsewhere it is said
 * aloud. Returns what clears up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'release-'));
  const publisher = await createPublisher('Test Releaser <release@example.com>');
  const signer = { key: 'Test Releaser', keyring: publisher.secretKeyring };
  const pack = isStandalone() ? await standalonePacker(directory) : packagePlugin;
  const archive = await pack(directory, { signer });
  const next = await pack(directory, { signer, version: '99.0.0' });
  const downloader = await packageDownloader(directory, { signer });
  project.provide('release', { archive, downloader, next, keyring: publisher.keyring });

  const helms = await fetchHelms().catch((error: unknown) => {
    if (process.env['CI'] === 'true') throw error;
    console.warn('no end-to-end test can run:', error);
    return [];
  });
  project.provide('helms', helms);
  return async () => {
    await publisher.remove();
    await rm(directory, { recursive: true, force: true });
  };
}
