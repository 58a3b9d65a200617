import type { Addresses } from '../world/addresses.ts';

/** A reference to a chart, as users write them, and what has to come of it. */
export interface Reference {
  /** What is special about it. */
  readonly what: string;
  /** The reference and its options, alike for `helm pull` and for `helm sigstore verify`. */
  readonly words: (at: Addresses) => readonly [string, ...string[]];
  /** What `helm pull` has to be told besides. */
  readonly pullOptions?: readonly string[];
  /** What `helm sigstore verify` has to be told besides. */
  readonly verifyOptions?: readonly string[];
  /** The chart that Helm brings and we verify, such as `hello-0.1.0`; or how we stop. */
  readonly becomes: string | Stop;
  /** The same for Helms of which something else is expected, by their versions. */
  readonly with?: Readonly<Record<string, string | Stop>>;
  /** What Helms say that cannot pull what we verify, by their versions. */
  readonly helmFails?: Readonly<Record<string, string>>;
}

/** An end that is no verification. */
export interface Stop {
  readonly status: number;
  /** A part of what is said. */
  readonly says: string;
}

/** What has to come of a reference with one Helm. */
export function expectedOf(reference: Reference, version: string): string | Stop {
  return reference.with?.[version] ?? reference.becomes;
}

/** Whether a reference fits several versions, of which somebody else chooses one. */
export function leavesVersionOpen([reference = '', ...options]: readonly string[]): boolean {
  const at = options.indexOf('--version');
  if (at >= 0) return !/^v?\d+\.\d+\.\d+(?:[-+].*)?$/.test(options[at + 1] ?? '');
  // What another scheme means, only its plugin knows.
  if (/^(?!https?:|oci:)[a-z+]+:/.test(reference)) return true;
  return !/\.tgz(?:\?.*)?$|@sha256:|:[^/:]+$/.test(reference);
}

/** Helm 3.18.0 cannot pull charts that have a provenance from a registry. */
export const FAULT_OF_3_18_0 = { '3.18.0': 'chart.provenance.v1.prov" is not allowed' };
