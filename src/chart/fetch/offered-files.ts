import type { NamedBundles, NamedBytes } from '../chart-files.ts';

/** What is offered with a chart where it is. Whoever takes it judges it: it may help, and does no harm. */
export interface OfferedFiles {
  /** What proves that it was logged; empty if nothing does. @throws InputError on a bad file of credentials */
  readonly evidence: () => Promise<readonly NamedBytes[]>;
  /** Sigstore bundles of its provenance; empty if there are none. @throws InputError on a bad file of credentials */
  readonly provenanceBundles: () => Promise<readonly NamedBytes[]>;
  /** Sigstore bundles; empty if there are none. @throws InputError on a bad file of credentials */
  readonly bundles: () => Promise<readonly NamedBundles[]>;
}

const none = (): Promise<readonly never[]> => Promise.resolve([]);

export const NOTHING_OFFERED: OfferedFiles = { evidence: none, provenanceBundles: none, bundles: none };
