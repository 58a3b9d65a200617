import type { NamedBytes } from './chart-files.ts';

/** What is offered with a chart where it is. Whoever takes it judges it: it may help, and does no harm. */
export interface OfferedFiles {
  /** What proves that it was logged; empty if nothing does. @throws InputError on a bad file of credentials */
  readonly evidence: () => Promise<readonly NamedBytes[]>;
  /** Sigstore bundles; empty if there are none. @throws InputError on a bad file of credentials */
  readonly bundles: () => Promise<readonly NamedBytes[]>;
}

const none = (): Promise<readonly NamedBytes[]> => Promise.resolve([]);

export const NOTHING_OFFERED: OfferedFiles = { evidence: none, bundles: none };
