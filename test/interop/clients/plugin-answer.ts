/** A document of the plugin (docs/json.md), as far as these tests read it. */
export interface Answer {
  readonly status: number;
  readonly errors?: readonly Complaint[];
  /** Of `upload` and `verify`. */
  readonly results?: readonly ChartResult[];
  /** Of `search`. */
  readonly entries?: readonly (Entry & { readonly proofs: string })[];
  /** Of `log info`. */
  readonly trees?: readonly Tree[];
}

export interface ChartResult {
  readonly outcome?: string;
  readonly verdict?: string;
  readonly evidences?: readonly { readonly entry?: Entry; readonly checks: readonly Check[] }[];
  readonly error?: Complaint;
  readonly evidence?: { readonly path: string; readonly outcome: string };
}

interface Entry {
  readonly uuid: string;
  readonly logIndex: number;
  readonly logId: string;
  readonly treeId: string;
  readonly leafHash: string;
}

interface Tree {
  readonly treeId: string;
  readonly state: string;
  readonly treeSize: number;
  readonly rootHash: string;
  readonly checks: readonly Check[];
}

interface Check {
  readonly id: string;
  readonly outcome: string;
}

interface Complaint {
  readonly code: string;
  readonly message: string;
}
