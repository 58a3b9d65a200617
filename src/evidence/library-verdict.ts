import type { KeyObject } from 'node:crypto';

/** What came of the signature of a bundle, with the bytes that it is over. */
export interface SignatureFacts {
  /** The key with which it was tried. */
  readonly key: KeyObject;
  /** Whether that key made the signature over these bytes. */
  readonly holds: boolean;
  /** Why it was not tried; undefined: it was. */
  readonly untried?: string;
  /** Of the signed bytes: of the file, or of the encoding of an envelope; by the hash function that goes with the key. */
  readonly digest: Uint8Array;
  /** SHA-256 of the payload of an envelope. */
  readonly payloadDigest?: Uint8Array;
}

/** What Sigstore's library says of a bundle. */
export type LibraryVerdict = Agreement | Disagreement;

interface Agreement {
  readonly kind: 'agrees';
  /** The times of timestamp authorities, in seconds since 1970. */
  readonly timestamps: readonly number[];
}

interface Disagreement {
  readonly kind: 'disagrees';
  /** The check at which it stopped: it makes them in this order. Undefined: that cannot be told. */
  readonly at: 'signed-time' | 'certificate' | 'entry' | 'signature' | undefined;
  readonly reason: string;
  /** Verified if it stopped behind `signed-time`. */
  readonly timestamps: readonly number[];
}

/** Whether the library made this check, and it passed. */
export function didPass(verdict: LibraryVerdict, check: 'signed-time' | 'certificate' | 'entry'): boolean {
  if (verdict.kind === 'agrees') return true;
  return verdict.at !== undefined && ORDER.indexOf(verdict.at) > ORDER.indexOf(check);
}

const ORDER = ['signed-time', 'certificate', 'entry', 'signature'] as const;
