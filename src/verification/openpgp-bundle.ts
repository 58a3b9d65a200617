import { encodeBase64, equalBytes, formatTime } from '../encoding.ts';
import { sha256 } from '../digest.ts';
import { keysOf } from '../openpgp/certificate.ts';
import { hashByNumber } from '../openpgp/hashes.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { plainSignatureBy } from '../openpgp/plain-signature.ts';
import { logKeyDetails, subjectPublicKeyInfo } from '../openpgp/subject-public-key.ts';
import type { VerifiedSignature } from '../provenance/verify.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import {
  bundleCheckpoint,
  bundleEntryBinding,
  bundleLogKey,
  bundleProof,
  bundlePromise,
  signedTime,
} from './bundle-log-checks.ts';
import type { ChartEvidence } from './chart-evidence.ts';
import { failed, notGood, passed, type CheckResult, type Facts } from './checks.ts';
import { bundleConsistency } from './consistency.ts';
import { signature } from './identity-checks.ts';
import { checkLogTime } from './log-time.ts';
import { check, optional, type CheckSet } from './make-checks.ts';
import { LOCAL_CHECKS, type LocalCheckId } from './openpgp-rekor.ts';

/** A bundle, all that it is judged by, and the chart of whose provenance it is said to hold the signature. */
export interface ProvenanceBundleEvidence extends BundleEvidence {
  readonly chart: Pick<ChartEvidence, 'provenance'>;
}

/** The key of a verified signature. */
export function signingKeyOf({ certificate, signer }: VerifiedSignature): KeyPacket {
  const key = keysOf(certificate).find(({ fingerprint }) => fingerprint === signer.signingFingerprint);
  if (key === undefined) throw new Error('a signature was verified with a key that its certificate lacks');
  return key;
}

/** Whether the bundle holds the provenance's own signature, over the same bytes, and names the key that made it. */
const provenanceBinding = check(['provenance-signature'], checkBinding);

/** Whether the signer's key was good when the signature is proven to have been there. */
const signerKeyThen = check(['provenance-signature', 'signed-time'], checkSignerKey);

/** Whether that time can be true. */
const provenanceLogTime = check(
  ['signed-time'],
  ({ bundle, chart, now }: ProvenanceBundleEvidence, { 'signed-time': time }: Pick<Facts, 'signed-time'>) =>
    checkLogTime(
      { integratedTime: time, index: bundle.entry.proof?.index ?? 0 },
      { signed: chart.provenance.signature.created, now, sightings: [] },
    ),
);

/** The entry is held against a bundle that is about this provenance, and no other. */
const provenanceEntry = check(['bundle-binding'], (evidence: ProvenanceBundleEvidence) =>
  bundleEntryBinding.make(evidence, {}),
);

type ProvenanceBundleCheckId =
  | 'bundle-binding'
  | 'entry-binding'
  | 'log-key'
  | 'inclusion-promise'
  | 'checkpoint'
  | 'inclusion-proof'
  | 'signed-time'
  | 'signature'
  | 'signer-key'
  | 'log-time'
  | 'consistency';

/** The checks of a bundle, for a chart that passed the local ones. */
export const PROVENANCE_BUNDLE_CHECKS: CheckSet<
  ProvenanceBundleCheckId,
  ProvenanceBundleEvidence,
  LocalCheckId
> = {
  'bundle-binding': provenanceBinding,
  'entry-binding': provenanceEntry,
  'log-key': bundleLogKey,
  // Rekor v2 gives none; there has to be a proof then.
  'inclusion-promise': optional(bundlePromise),
  // Older bundles have none; there has to be a promise then.
  checkpoint: optional(bundleCheckpoint),
  'inclusion-proof': optional(bundleProof),
  'signed-time': signedTime,
  // What Sigstore's library says of the whole counts here.
  signature,
  'signer-key': signerKeyThen,
  'log-time': provenanceLogTime,
  consistency: optional(bundleConsistency),
};

/** A provenance, and a Sigstore bundle that shows its own signature on a log of signatures, of Rekor v1 or v2. */
export const OPENPGP_BUNDLE = {
  name: 'openpgp-bundle',
  checks: { ...LOCAL_CHECKS, ...PROVENANCE_BUNDLE_CHECKS },
} as const;

function checkBinding(
  { bundle, signed, chart: { provenance } }: ProvenanceBundleEvidence,
  { 'provenance-signature': verified }: Pick<Facts, 'provenance-signature'>,
): CheckResult<undefined> {
  const { content, verifier } = bundle;
  if (verifier.kind !== 'key') return failed('the bundle has a certificate: no signature by OpenPGP has one');
  if (content.kind !== 'message') return failed('the bundle holds a statement, and no signature by OpenPGP');
  const key = signingKeyOf(verified);
  const details = logKeyDetails(key, provenance.signature.hashAlgorithm);
  if ('refused' in details) return failed(`no log has this signature: ${details.refused}`);
  const spki = subjectPublicKeyInfo(key);
  const plain = plainSignatureBy(provenance.signature, key);
  if (spki === undefined || plain === undefined) return failed('no log has signatures by such a key');
  if (!equalBytes(content.signature, plain))
    return failed('the bundle holds another signature than the provenance');
  const hint = encodeBase64(sha256(spki));
  if (verifier.hint !== hint)
    return failed('the bundle names another key than the one that signed', {
      expected: hint,
      found: verifier.hint,
    });
  if (!equalBytes(signed.key.export({ format: 'der', type: 'spki' }), spki))
    return failed('the signature was tried with another key than the one that signed');
  const algorithm = hashByNumber(provenance.signature.hashAlgorithm)?.name;
  if (content.digest.algorithm !== algorithm || !equalBytes(content.digest.value, signed.digest))
    return failed('the bundle is for other bytes than those that the provenance signs', {
      expected: `${algorithm ?? 'none'}:${Buffer.from(signed.digest).toString('hex')}`,
      found: `${content.digest.algorithm}:${Buffer.from(content.digest.value).toString('hex')}`,
    });
  return passed(
    `the bundle holds the signature of the provenance, and names its key (${details.keyDetails})`,
  );
}

function checkSignerKey(
  _: ProvenanceBundleEvidence,
  {
    'provenance-signature': { signer },
    'signed-time': time,
  }: Pick<Facts, 'provenance-signature' | 'signed-time'>,
): CheckResult<Signer> {
  const when = formatTime(time);
  const judged = judgeSignerAt(signer, time);
  return judged.ok
    ? passed(`the signer's key was good at ${when}`, signer)
    : { ...notGood(`at ${when}, when the signature was there`, judged), fact: signer };
}
