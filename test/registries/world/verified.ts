import type { Outcome } from '../../e2e/helm-site.ts';

/** What `verify --output json` says of one chart. */
export interface Verified {
  readonly chart: string;
  readonly status: number;
  readonly verdict?: string;
  readonly archive?: { readonly sha256: string };
  readonly error?: { readonly code: string; readonly message: string };
  readonly source?: Readonly<Record<string, unknown>>;
  readonly evidences?: readonly { readonly source: string; readonly kind: string }[];
}

/** The results of a run with `--output json`. @throws with what was said, when there are none */
export function resultsOf({ status, stdout, stderr }: Outcome): readonly Verified[] {
  const document = JSON.parse(stdout) as { results?: Verified[] };
  if (document.results === undefined) throw new Error(`exit status ${status}: ${stdout}${stderr}`);
  return document.results;
}
