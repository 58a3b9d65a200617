import { formatTime } from '../encoding.ts';
import { InputError } from '../errors.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import type { Provenance } from '../provenance/provenance.ts';
import {
  possibleKeys,
  verifyProvenance,
  type PossibleSigner,
  type VerifiedSignature,
} from '../provenance/verify.ts';
import { failed, passed, type CheckResult } from './checks.ts';
import { check } from './make-checks.ts';

/** A provenance, and whose signature on it counts. */
export interface SignatureEvidence {
  readonly provenance: Provenance;
  readonly signers: AcceptableSigners;
}

/** The certificates of the user's keyring that may have made a signature. */
export interface AcceptableSigners {
  /** Those that contain the issuer that the signature names; of each, all copies merged. */
  readonly candidates: readonly PossibleSigner[];
  /** Only these primary fingerprints are acceptable; empty: any. */
  readonly fingerprints: readonly string[];
  /** The places that were searched for candidates, for the message that none was found. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  /** Whether signatures by weak algorithms count: `--insecure-allow-weak-keys`. */
  readonly allowWeak?: boolean;
}

/**
 * Whether there is one OpenPGP signature over exactly these bytes, by a key of an acceptable certificate, not
 * expired now (seconds since 1970) and not dated in the future: that signature is the fact. If only an
 * incomplete copy of the key is at hand, the chart is not called bad.
 */
export const provenanceSignature = check([], checkSignature);

async function checkSignature({
  provenance,
  signers,
  now,
}: SignatureEvidence & { readonly now: number }): Promise<CheckResult<VerifiedSignature>> {
  const { candidates, fingerprints, allowWeak = false } = signers;
  // Its hint is long, and most runs need not load it.
  if (candidates.length === 0)
    return (await import('./unknown-signer.ts')).unknownSigner(provenance, signers.places);
  const verdict = await verifyProvenance(provenance, wantedFirst(signers), { now, allowWeak });
  if (!verdict.ok) {
    const { reason, hint, isUnjudged } = verdict;
    return {
      ...failed(reason),
      ...(hint !== undefined && { hint }),
      ...(isUnjudged && { unjudged: new InputError(`cannot judge the signature: ${reason}`, hint) }),
    };
  }
  const { signer } = verdict;
  if (fingerprints.length > 0 && !fingerprints.includes(signer.primaryFingerprint))
    return failed('the signer is not an acceptable one', {
      expected: fingerprints.join(' or '),
      found: signer.primaryFingerprint,
      hint: {
        consumer:
          'if the publisher says, by another way than this chart, that this is their key, give it with --fingerprint',
        publisher: 'sign the chart with the key that --fingerprint names, or name the one that signed',
      },
    });
  const when = formatTime(provenance.signature.created);
  return passed(`signed by ${signer.primaryFingerprint} at ${when}`, verdict);
}

/** How the permission to accept weak algorithms was used, if it was given. */
export function weaknessWarnings(
  { allowWeak = false }: AcceptableSigners,
  signature: VerifiedSignature | undefined,
): string[] {
  if (!allowWeak) return [];
  const [weakness] = signature?.weaknesses ?? [];
  return [
    weakness === undefined
      ? 'weak keys and digests would have been accepted: --insecure-allow-weak-keys'
      : `accepted only because of --insecure-allow-weak-keys: ${weakness}`,
  ];
}

/** A certificate of the keyring, and the fingerprint of a key in it. */
export interface LikelySigner {
  readonly certificate: Certificate;
  readonly signingFingerprint: string;
}

/** Who made the signature if it holds and the first key to try is the right one, as it nearly always is. */
export function likelySigner({ provenance, signers }: SignatureEvidence): LikelySigner | undefined {
  const [first] = possibleKeys(provenance, wantedFirst(signers));
  return first && { certificate: first.candidate.certificate, signingFingerprint: first.key.fingerprint };
}

/** Two certificates may share a subkey. Those that are wanted come first; the others serve to be named. */
function wantedFirst({ candidates, fingerprints }: AcceptableSigners): PossibleSigner[] {
  const isAcceptable = ({ certificate }: PossibleSigner) =>
    fingerprints.includes(certificate.primary.fingerprint);
  return [...candidates].sort((a, b) => Number(isAcceptable(b)) - Number(isAcceptable(a)));
}
