import { excerpt } from '../encoding.ts';
import { satisfies } from './count-signers.ts';
import { isByOpenPgp, type AnyReport } from './decision.ts';
import type { RuleRequirements } from './requirements.ts';

/**
 * What there is in place of the signers that a rule needs, for people: that there is no signature, that nobody knows who signed,
 * or who did. Empty: nothing can be said.
 */
export function foundInWords(
  evidences: readonly AnyReport[],
  { signedBy, keyIds }: Pick<RuleRequirements, 'signedBy' | 'keyIds'>,
): string {
  const isNamed = (...kinds: readonly string[]) => signedBy.some(({ kind }) => kinds.includes(kind));
  const hasBundle = evidences.some((each) => !isByOpenPgp(each));
  const others = evidences.filter(
    (each) => each.kind !== 'proven' || !signedBy.some((item) => satisfies(each, item, keyIds)),
  );
  const all = [
    ...others.flatMap((each) => signedInWords(each, isNamed('openpgp', 'any'))),
    ...(isNamed('identity', 'key') && !hasBundle ? ['there is no Sigstore bundle by such a signer'] : []),
  ];
  return [...new Set(all)].slice(0, MOST_SAID).join('; ');
}

const MOST_SAID = 4;

/** @param needsProvenance whether it matters that there is none */
function signedInWords(evidence: AnyReport, needsProvenance: boolean): readonly string[] {
  if (!isByOpenPgp(evidence)) {
    const { signer } = evidence;
    if (signer === undefined) return [];
    const who =
      signer.kind === 'key'
        ? `the key with the SHA-256 ${signer.keyId}`
        : `${excerpt(signer.identity.value, 200)} (issuer ${excerpt(signer.issuer, 200)})`;
    return [`a Sigstore bundle is by ${who}${notProven(evidence)}`];
  }
  const { signer, statement } = evidence;
  if (statement?.isSignerUnknown === true) {
    const check = evidence.checks.find(({ id }) => id === 'provenance-signature');
    return [`the key that signed the provenance is unknown: ${check?.detail ?? 'there is none'}`];
  }
  if (signer === undefined)
    return needsProvenance && evidence.kind === 'absent' ? ['there is no provenance'] : [];
  const isLogged = evidence.kind !== 'absent';
  const who = signer.primaryFingerprint.toUpperCase();
  return [
    `the provenance is by ${who}${isLogged ? notProven(evidence) : ', and the log has no entry of it'}`,
  ];
}

/** Whose evidence holds, but for that he is not accepted, is named alone. */
function notProven(evidence: AnyReport): string {
  if (evidence.kind === 'proven') return ', who is not accepted';
  if (evidence.kind !== 'refuted') return '';
  const { id, detail } = evidence.failure;
  return id === 'identity' ? ', who is not accepted' : ` (${id}: ${detail})`;
}
