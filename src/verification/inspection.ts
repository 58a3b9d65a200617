import { formatTime } from '../encoding.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import { archiveDigest, archiveName, type ArchiveEvidence } from './archive-checks.ts';
import { notGood, passed, type CheckResult, type Facts } from './checks.ts';
import { reportOn, unchecked, type EvidenceReport } from './evidence-report.ts';
import { check, makeChecks, optional, type MadeChecks } from './make-checks.ts';
import { provenanceSignature, weaknessWarnings, type SignatureEvidence } from './signature-check.ts';

/** What is inspected; without an archive, the provenance alone. */
export interface InspectedEvidence extends ArchiveEvidence, SignatureEvidence {
  readonly provenance: SignatureEvidence['provenance'];
}

/** Without a log, the key is judged at the time that the signature itself gives. */
const signerKeyAtSigning = check(['provenance-signature'], checkSignerKeyAtSigning);

/** A provenance file by itself, with its archive or without: what `inspect` asks for. */
const OPENPGP_LOCAL = {
  name: 'openpgp-local',
  checks: {
    'archive-digest': optional(archiveDigest),
    'archive-name': optional(archiveName),
    'provenance-signature': provenanceSignature,
    'signer-key': signerKeyAtSigning,
  },
} as const;

/** What a chart and its provenance say without a log. */
export interface Inspection extends Pick<MadeChecks<never>, 'unjudged'> {
  readonly report: EvidenceReport<'openpgp-local'>;
  readonly signer?: Signer;
  /** Where the copies of the signer's certificate are. */
  readonly place?: string;
  readonly warnings: readonly string[];
}

/** Judges a provenance, and its archive if it is there, at the time `now`. */
export async function judgeInspection(evidence: InspectedEvidence, now: number): Promise<Inspection> {
  const { checks, facts, unjudged } = await makeChecks(OPENPGP_LOCAL.checks, { ...evidence, now });
  const report = unjudged === undefined ? reportOn(OPENPGP_LOCAL, checks) : unchecked(OPENPGP_LOCAL, checks);
  const found = { report, ...(unjudged && { unjudged }) };
  const signature = facts['provenance-signature'];
  const weaknesses = weaknessWarnings(evidence.signers, signature);
  if (signature === undefined) return { ...found, warnings: weaknesses };
  const { signer, place } = signature;
  const { created } = evidence.provenance.signature;
  return {
    ...found,
    signer,
    ...(place !== undefined && { place }),
    warnings: [...weaknesses, ...warningsAbout(signer, created, now)],
  };
}

function checkSignerKeyAtSigning(
  { provenance }: SignatureEvidence,
  { 'provenance-signature': { signer } }: Pick<Facts, 'provenance-signature'>,
): CheckResult<Signer> {
  const { created } = provenance.signature;
  const judged = judgeSignerAt(signer, created);
  return judged.ok
    ? passed(`the signer's key was good at ${formatTime(created)}, the signature's own time`, signer)
    : notGood(`at ${formatTime(created)}, the signature's own time`, judged);
}

function warningsAbout(signer: Signer, signed: number, now: number): string[] {
  const today = judgeSignerAt(signer, now);
  return today.ok || !judgeSignerAt(signer, signed).ok
    ? []
    : [`today the key would not be good (${today.reason}); only a log can prove when the signature was made`];
}
