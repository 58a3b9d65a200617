import type { TestProject } from 'vitest/node';
import { cachedHelmfile } from '../../scripts/fetch-helmfile.mjs';
import { fetchKubernetes, type KubernetesBinaries } from '../../scripts/fetch-kubernetes.mjs';
import { setup as setupHelms } from '../e2e/global-setup.ts';
import { missingPrograms, type Programs } from '../interop/prerequisites.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kubernetes: KubernetesBinaries | undefined;
    /** The path of a helmfile, where one was built. */
    helmfile: string | undefined;
  }
}

/** What the servers consist of or are made with. */
const PROGRAMS: Programs = {
  go: 'golang 1.25.11 or later',
  setpriv: 'util-linux',
  etcd: 'etcd-server',
  'docker-registry': 'docker-registry',
};

/**
 * Packs the plugin, and brings real Helms and a Kubernetes API. Where something is missing nothing can be tested: in CI
 * that is a failure, elsewhere it is said aloud. Returns what clears up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingPrograms(PROGRAMS);
  if (missing !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(`the tests against Kubernetes need ${missing}`);
    console.warn(`nothing is tested against Kubernetes, which needs ${missing}`);
  }
  project.provide('kubernetes', missing === undefined ? await fetchKubernetes() : undefined);
  project.provide('helmfile', missing === undefined ? await cachedHelmfile() : undefined);
  return await setupHelms(project);
}
