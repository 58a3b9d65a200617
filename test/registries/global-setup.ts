import type { TestProject } from 'vitest/node';
import { fetchRegistries, type RegistryBinaries } from '../../scripts/fetch-registries.mjs';
import { setup as setupHelms } from '../e2e/global-setup.ts';
import { missingPrograms, type Programs } from '../interop/prerequisites.ts';

declare module 'vitest' {
  interface ProvidedContext {
    registries: RegistryBinaries | undefined;
  }
}

/** What the servers consist of or are made with. */
const PROGRAMS: Programs = {
  go: 'golang 1.25.11 or later',
  setpriv: 'util-linux',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
};

/**
 * Packs the plugin, and brings real Helms and registries. Where something is missing nothing can be tested: in CI that is
 * a failure, elsewhere it is said aloud. Returns what clears up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingPrograms(PROGRAMS);
  if (missing !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(`the tests against registries need ${missing}`);
    console.warn(`nothing is tested against registries, which needs ${missing}`);
  }
  project.provide('registries', missing === undefined ? await fetchRegistries() : undefined);
  return await setupHelms(project);
}
