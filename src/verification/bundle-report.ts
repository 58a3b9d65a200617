import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import {
  bundleCheckpoint,
  bundleEntryBinding,
  bundleLogKey,
  bundleLogTime,
  bundleProof,
  bundlePromise,
  signedTime,
} from './bundle-log-checks.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import { bundleKey, certificate, identity, signature } from './identity-checks.ts';
import { makeChecks, optional } from './make-checks.ts';
import { bundleDigest, statement } from './statement-checks.ts';

/** The checks of a bundle that depend neither on what it is about nor on who signs how. */
export const OTHER_CHECKS = {
  // A signature over the file itself comes without one.
  statement: optional(statement),
  'entry-binding': bundleEntryBinding,
  'log-key': bundleLogKey,
  // Rekor v2 gives none; there has to be a proof then.
  'inclusion-promise': optional(bundlePromise),
  // Older bundles have none; there has to be a promise then.
  checkpoint: optional(bundleCheckpoint),
  'inclusion-proof': optional(bundleProof),
  'signed-time': signedTime,
};

/** Those of a bundle with a certificate. */
export const CERTIFICATE_CHECKS = { certificate, signature, identity, 'log-time': bundleLogTime };

/** Those of a bundle by a key that the user has. */
export const KEY_CHECKS = { 'bundle-binding': bundleKey, signature, 'log-time': bundleLogTime };

/** A bundle with a certificate, about any file. */
const BUNDLE_CERTIFICATE = {
  name: 'bundle-certificate',
  checks: { 'archive-digest': bundleDigest, ...OTHER_CHECKS, ...CERTIFICATE_CHECKS },
} as const;

/** A bundle by a key that the user has, about any file. */
const BUNDLE_KEY = {
  name: 'bundle-key',
  checks: { 'archive-digest': bundleDigest, ...OTHER_CHECKS, ...KEY_CHECKS },
} as const;

type Name = 'bundle-certificate' | 'bundle-key';

/** What a bundle came to. */
export type BundleReport = (Proven<Name> | Refuted<Name>) & {
  /** As far as it is proven: the certificate, when its chain was verified. */
  readonly signer: SigningCertificate | undefined;
  /** When the signature was there, in seconds since 1970, if somebody vouches for that. */
  readonly signedAt: number | undefined;
};

/** Judges a bundle as evidence about a file: who signed it, and that this was logged. Nothing is known of a chart. */
export async function judgeBundle(evidence: BundleEvidence): Promise<BundleReport> {
  if (evidence.bundle.verifier.kind === 'key') {
    const { checks, facts } = await makeChecks(BUNDLE_KEY.checks, evidence);
    return { ...reportOn(BUNDLE_KEY, checks), signer: undefined, signedAt: facts['signed-time'] };
  }
  const { checks, facts } = await makeChecks(BUNDLE_CERTIFICATE.checks, evidence);
  return {
    ...reportOn(BUNDLE_CERTIFICATE, checks),
    signer: facts.certificate,
    signedAt: facts['signed-time'],
  };
}
