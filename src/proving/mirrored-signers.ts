import type { MirroredSigners } from '../mirror/manifest.ts';
import { isByOpenPgp, type Decision, type ProvenReport } from '../policy/decision.ts';

type Verified = Extract<Decision, { readonly verdict: 'verified' }>;

/** All evidence that was required of a chart, and is proven. */
export function proofsOf({ evidence, beside = [] }: Verified): readonly ProvenReport[] {
  return [evidence, ...beside];
}

/** Who vouches for a chart, as the manifest of a mirror names them. */
export function signersOf(verified: Verified): MirroredSigners {
  const proofs = proofsOf(verified);
  const openpgp = proofs.find(isByOpenPgp);
  const [bundled] = proofs.flatMap((each) => (isByOpenPgp(each) ? [] : [each.signer]));
  return {
    ...(openpgp && { signer: openpgp.signer.primaryFingerprint }),
    ...(bundled?.kind === 'key' && { key: bundled.keyId }),
    ...(bundled?.kind === 'certificate' && { identity: bundled.identity.value, issuer: bundled.issuer }),
  };
}

/** Who vouches for a chart, for people. */
export function signersInWords({ signer, identity, issuer, key }: MirroredSigners): string {
  const all = [
    signer,
    identity === undefined ? undefined : `${identity} (issuer ${issuer ?? ''})`,
    key === undefined ? undefined : `the key sha256:${key}`,
  ];
  return all.filter((each) => each !== undefined).join(' and ');
}
