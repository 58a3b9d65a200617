import type { ChartPattern } from './chart-pattern.ts';
import type { Glob } from './glob.ts';
import type { Position } from './policy-error.ts';
import type { Located } from './policy-members.ts';

/** Who may sign what: a policy file, version 1, as it was read. Paths are those of the file, relative to its folder. */
export interface Policy {
  /** OpenPGP certificates; undefined: those of the user's GnuPG home. */
  readonly keys: readonly Located[] | undefined;
  /** What vouches for the identities of signers: Sigstore's root, or a file. */
  readonly trustedRoot: Located | undefined;
  /** The first one is the default; empty: what the user chose for every run. */
  readonly logs: readonly PolicyLog[];
  readonly rules: readonly PolicyRule[];
  /** What becomes of a chart that no rule is about. */
  readonly otherwise: 'deny' | 'warn' | 'allow';
  /** What becomes of charts in directories, which nobody can have signed. */
  readonly unpacked: Permission;
  /** What becomes of Helm's `--dependency-update`. */
  readonly dependencyUpdate: Permission;
}

type Permission = 'deny' | 'allow';

/** A log that the policy names. */
export interface PolicyLog {
  /** Normalised. */
  readonly url: Located;
  /** Files with its public keys; undefined: its pins, or Sigstore's root. */
  readonly publicKeys: readonly Located[] | undefined;
  /** Files with checkpoints that count as seen. */
  readonly checkpoints: readonly Located[];
}

/** What is required of the charts that a rule is about. */
export interface PolicyRule {
  readonly name: string;
  readonly at: Position;
  readonly charts: readonly ChartPattern[];
  /** Whether patterns for names are about local files only, or about charts from anywhere. */
  readonly origin: 'file' | 'any';
  readonly level: 'enforce' | 'warn';
  readonly signedBy: readonly SignerItem[];
  /** How many different items of `signedBy` are needed. */
  readonly atLeast: number;
  readonly consistency: Need;
  readonly proof: Need;
  /** In seconds; undefined: a signature may have any age. */
  readonly maxAge: number | undefined;
}

export type Need = 'optional' | 'required';

/** One who may sign; or, for charts that nobody signed, a digest that somebody reviewed. */
export type SignerItem = { readonly at: Position } & (
  | { readonly kind: 'any' }
  | OpenPgpItem
  | IdentityItem
  | { readonly kind: 'key'; readonly path: string }
  | DigestItem
);

interface OpenPgpItem {
  readonly kind: 'openpgp';
  /** Of the primary key, in lower case. */
  readonly fingerprint: string;
}

export interface IdentityItem {
  readonly kind: 'identity';
  readonly identity: Glob;
  readonly issuer: string;
  /** The repository that has to be the source, where it is not the one of the identity. */
  readonly sourceRepository?: string;
}

export interface DigestItem {
  readonly kind: 'digest';
  /** SHA-256 of the archive, in lower-case hexadecimal. */
  readonly sha256: string;
  /** When it no longer counts, in seconds since 1970. */
  readonly until: number;
  /** The last day on which it counts, as it was written. */
  readonly lastDay: string;
  readonly reason: string;
}
