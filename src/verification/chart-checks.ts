import type { Sha256 } from '../digest.ts';
import { formatTime } from '../encoding.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import type { Provenance } from '../provenance/provenance.ts';
import {
  possibleKeys,
  verifySignature,
  type PossibleSigner,
  type VerifiedSignature,
} from '../provenance/verify.ts';
import { failed, LOCAL_CHECK_IDS, makeChecks, passed } from './checks.ts';
import type { Check, CheckMakers, Finding } from './checks.ts';

/** A chart's archive and provenance, and whose signature on them counts. */
export interface ChartEvidence {
  readonly archive: { readonly name: string; readonly sha256: Sha256 };
  /** The file name that the provenance must sign: the archive's own, or the one it had before it was renamed. */
  readonly signedName: string;
  readonly provenance: Provenance;
  readonly signers: AcceptableSigners;
}

/** The certificates of the user's keyring that may have made a signature. */
export interface AcceptableSigners {
  /** Those that contain the issuer that the signature names; of each, all copies merged. */
  readonly candidates: readonly PossibleSigner[];
  /** Only these primary fingerprints are acceptable; empty: any. */
  readonly fingerprints: readonly string[];
  /** Where the candidates were looked for, for the message that there is none. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  /** Whether signatures by weak algorithms count: `--insecure-allow-weak-keys`. */
  readonly allowWeak?: boolean;
}

/** A signature that holds: who made it, with which certificate. */
export type GoodSignature = VerifiedSignature;

/** The local checks, and the signature if it holds. */
export interface ChartJudgement {
  readonly checks: readonly Check[];
  readonly signature?: GoodSignature;
  readonly warnings?: readonly string[];
}

/** Whether every local check passed, so that a log may be asked about the chart. */
export function isLocallyGood(judgement: ChartJudgement): judgement is Required<ChartJudgement> {
  return judgement.signature !== undefined && judgement.checks.every(({ outcome }) => outcome === 'passed');
}

/** Makes the checks that need no log, at the time `now`. */
export async function judgeChart(chart: ChartEvidence, now: number): Promise<ChartJudgement> {
  const { makers, signature } = signatureCheck(chart, now);
  const checks = await makeChecks({ ...archiveChecks(chart), ...makers }, LOCAL_CHECK_IDS);
  const good = signature();
  const warnings = weaknessWarnings(chart.signers, good);
  return good === undefined ? { checks, warnings } : { checks, signature: good, warnings };
}

/** What became of the permission to accept weak algorithms, if it was given. */
export function weaknessWarnings(
  { allowWeak = false }: AcceptableSigners,
  signature: GoodSignature | undefined,
): string[] {
  if (!allowWeak) return [];
  const [weakness] = signature?.weaknesses ?? [];
  return [
    weakness === undefined
      ? 'weak keys and digests would have been accepted: --insecure-allow-weak-keys'
      : `accepted only because of --insecure-allow-weak-keys: ${weakness}`,
  ];
}

/** How the checks are made that compare the archive with what the provenance signs. */
export function archiveChecks(chart: ChartEvidence): CheckMakers<'archive-digest' | 'archive-name'> {
  return {
    'archive-digest': () => checkArchiveDigest(chart),
    'archive-name': () => checkArchiveName(chart),
  };
}

/**
 * How the check of the signature is made: one OpenPGP signature over exactly these bytes, by a key that belongs
 * to an acceptable certificate; not expired at `now` and not dated after it. `signature` gives it afterwards.
 */
export function signatureCheck(
  { provenance, signers }: Pick<ChartEvidence, 'provenance' | 'signers'>,
  now: number,
): { makers: CheckMakers<'provenance-signature'>; signature: () => GoodSignature | undefined } {
  let good: GoodSignature | undefined;
  const make = async (): Promise<Finding> => {
    const { candidates, fingerprints, allowWeak = false } = signers;
    // It says at length what to do, which most runs need not load.
    if (candidates.length === 0)
      return (await import('./unknown-signer.ts')).unknownSigner(provenance, signers.places);
    const verdict = await verifySignature(provenance, wantedFirst(signers), { now, allowWeak });
    if (!verdict.ok)
      return { ...failed(verdict.reason), ...(verdict.hint !== undefined && { hint: verdict.hint }) };
    const { signer } = verdict;
    if (fingerprints.length > 0 && !fingerprints.includes(signer.primaryFingerprint))
      return failed('the signer is not an acceptable one', {
        expected: fingerprints.join(' or '),
        found: signer.primaryFingerprint,
        hint: 'ask the publisher which key it is, and give --fingerprint accordingly',
      });
    good = verdict;
    return passed(`signed by ${signer.primaryFingerprint} at ${formatTime(provenance.signature.created)}`);
  };
  return { makers: { 'provenance-signature': make }, signature: () => good };
}

/** A certificate of the keyring, and the fingerprint of a key in it. */
export interface LikelySigner {
  readonly certificate: Certificate;
  readonly signingFingerprint: string;
}

/** Who made the signature if it holds and the first key to try is the right one, as it nearly always is. */
export function likelySigner({
  provenance,
  signers,
}: Pick<ChartEvidence, 'provenance' | 'signers'>): LikelySigner | undefined {
  const [first] = possibleKeys(provenance, wantedFirst(signers));
  return first && { certificate: first.candidate.certificate, signingFingerprint: first.key.fingerprint };
}

/** Two certificates may share a subkey: the wanted one first, the others only to be named. */
function wantedFirst({ candidates, fingerprints }: AcceptableSigners): PossibleSigner[] {
  const isAcceptable = ({ certificate }: PossibleSigner) =>
    fingerprints.includes(certificate.primary.fingerprint);
  return [...candidates].sort((a, b) => Number(isAcceptable(b)) - Number(isAcceptable(a)));
}

function checkArchiveDigest({ archive, provenance }: ChartEvidence): Finding {
  const digests = provenance.document.files.map(({ sha256 }) => sha256);
  return digests.includes(archive.sha256)
    ? passed(`the archive is the one that was signed: sha256:${archive.sha256}`)
    : failed('the archive is not the one that was signed', {
        expected: digests.map((digest) => `sha256:${digest}`).join(' or '),
        found: `sha256:${archive.sha256}`,
        hint: 'get archive and provenance again, from where the publisher puts them',
      });
}

function checkArchiveName({ signedName, provenance }: ChartEvidence): Finding {
  const names = provenance.document.files.map(({ name }) => name);
  if (names.length !== 1)
    return failed('the provenance signs more than one file', {
      expected: signedName,
      found: names.join(', '),
    });
  return names[0] === signedName
    ? passed(`the provenance signs ${signedName} and nothing else`)
    : failed('the provenance signs a file of another name', {
        expected: signedName,
        found: names.join(', '),
        hint: 'if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz',
      });
}
