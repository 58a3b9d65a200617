import { createHash } from 'node:crypto';
import { sha256 } from '../digest.ts';
import { encodeBase64 } from '../encoding.ts';
import { LogError, type Hint } from '../errors.ts';
import { hashByNumber } from '../openpgp/hashes.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { plainSignatureBy, preimageOf } from '../openpgp/plain-signature.ts';
import { logKeyDetails, subjectPublicKeyInfo } from '../openpgp/subject-public-key.ts';
import type { LoggableSignature, NamedDigest } from '../services/loggable-signature.ts';
import type { GoodChart } from '../verification/entry-report.ts';
import { signingKeyOf } from '../verification/openpgp-bundle.ts';

/** The signature of a provenance as a Rekor v2 takes it, which knows nothing of OpenPGP. */
export interface LoggableProvenance extends LoggableSignature {
  /** What a bundle calls the key: SHA-256 of its SubjectPublicKeyInfo, in base64. */
  readonly keyHint: string;
}

/**
 * What a Rekor v2 is given of a chart whose local checks passed: the digest of what is signed, the signature, and the key
 * that made it.
 * @throws LogError `LOG_REFUSED` if such a log would not take the key with this digest
 */
export function loggableProvenance(
  label: string,
  { evidence: { provenance }, judgement }: GoodChart,
): LoggableProvenance {
  const { signature, signedBytes } = provenance;
  const key = signingKeyOf(judgement.facts['provenance-signature']);
  const details = logKeyDetails(key, signature.hashAlgorithm);
  if ('refused' in details)
    throw new LogError('LOG_REFUSED', `Rekor v2 would refuse ${label}: ${details.refused}`, wayOut(key));
  const [plain, spki] = [plainSignatureBy(signature, key), subjectPublicKeyInfo(key)];
  const algorithm = NAMES.find((name) => name === hashByNumber(signature.hashAlgorithm)?.name);
  if (plain === undefined || spki === undefined || algorithm === undefined)
    throw new Error('a key that a log takes has no form outside of OpenPGP');
  const value = createHash(algorithm).update(preimageOf(signature, signedBytes)).digest();
  return {
    digest: { algorithm, value },
    signature: plain,
    verifier: { kind: 'key', der: spki, keyDetails: details.keyDetails },
    keyHint: encodeBase64(sha256(spki)),
  };
}

const NAMES: readonly NamedDigest['algorithm'][] = ['sha256', 'sha384', 'sha512'];

/** The numbers of SHA-256, SHA-384 and SHA-512 in OpenPGP. RFC 9580 9.5. */
const NUMBERS = [8, 9, 10] as const;

/** What can be done about a signature that is not taken: another digest, where the log takes the key at all, or no key. */
function wayOut(key: KeyPacket): Hint {
  const taken = NUMBERS.find((number) => 'keyDetails' in logKeyDetails(key, number));
  const digest = taken && hashByNumber(taken)?.name;
  const byIdentity = 'helm sigstore sign --identity puts a signature by an identity beside it';
  return {
    publisher:
      digest === undefined
        ? `${byIdentity}, and Rekor v1 takes this one (--rekor-version 1)`
        : `sign it again with helm sigstore sign --force --digest ${digest}; or ${byIdentity}`,
  };
}
