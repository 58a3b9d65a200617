import type { TestProject } from 'vitest/node';
import { cachedCosign, fetchSigstore, type SigstoreBinaries } from '../../scripts/fetch-sigstore.mjs';
import { missingPrograms, type Programs } from '../interop/prerequisites.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sigstore: SigstoreBinaries | undefined;
    /** The path of another client, where one was built. */
    cosign: string | undefined;
  }
}

/** What the servers are made with, and run under. */
const PROGRAMS: Programs = { go: 'golang 1.26', setpriv: 'util-linux' };

/** Brings a Sigstore. Where something is missing nothing can be tested: in CI a failure, elsewhere said aloud. */
export async function setup(project: TestProject): Promise<void> {
  const missing = missingPrograms(PROGRAMS);
  if (missing !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(`the tests against Sigstore need ${missing}`);
    console.warn(`nothing is tested against Sigstore, which needs ${missing}`);
  }
  project.provide('sigstore', missing === undefined ? await fetchSigstore() : undefined);
  project.provide('cosign', missing === undefined ? await cachedCosign() : undefined);
}
