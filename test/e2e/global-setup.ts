import type { TestProject } from 'vitest/node';
import { buildDist } from '../../scripts/build.mjs';
import { fetchHelms, type Helm } from '../../scripts/fetch-helm.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    helms: readonly Helm[];
  }
}

/** Builds the plugin and brings real Helm binaries. In CI a missing Helm is a failure, elsewhere it is said aloud. */
export async function setup(project: TestProject): Promise<void> {
  await buildDist();
  const helms = await fetchHelms().catch((error: unknown) => {
    if (process.env['CI'] === 'true') throw error;
    console.warn('no end-to-end test can run:', error);
    return [];
  });
  project.provide('helms', helms);
}
