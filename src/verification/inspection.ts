import { formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { judgeSignerAt, type Signer } from '../openpgp/key-lifetime.ts';
import { archiveChecks, signatureCheck, weaknessWarnings, type ChartEvidence } from './chart-checks.ts';
import { failed, LOCAL_CHECK_IDS, makeChecks, passed, skipped, type Check } from './checks.ts';

/** What a chart and its provenance say without a log. */
export interface Inspection {
  /** The local checks, and `signer-key`, here at the time that the signature itself gives. */
  readonly checks: readonly Check[];
  readonly signer?: Signer;
  /** Where the copies of the signer's certificate are. */
  readonly place?: string;
  readonly warnings: readonly string[];
}

/** What is inspected; without an archive, the provenance alone. */
export type InspectedEvidence = Omit<ChartEvidence, 'archive'> & Partial<Pick<ChartEvidence, 'archive'>>;

/** Judges a provenance, and its archive if it is there, at the time `now`. */
export async function judgeInspection(evidence: InspectedEvidence, now: number): Promise<Inspection> {
  const { archive, provenance } = evidence;
  const { created } = provenance.signature;
  const { makers, signature } = signatureCheck(evidence, now);
  const unseen = () => skipped('the archive was not looked at');
  const checks = await makeChecks(
    {
      ...(archive
        ? archiveChecks({ ...evidence, archive })
        : { 'archive-digest': unseen, 'archive-name': unseen }),
      ...makers,
      'signer-key': () => {
        const signer = signature()?.signer;
        if (signer === undefined) throw new MalformedError('the signature was not verified');
        const judged = judgeSignerAt(signer, created);
        return judged.ok
          ? passed(`the signer's key was good at ${formatTime(created)}, the signature's own time`)
          : failed(`at ${formatTime(created)}, the signature's own time: ${judged.reason}`);
      },
    },
    [...LOCAL_CHECK_IDS, 'signer-key'],
  );
  const good = signature();
  const weaknesses = weaknessWarnings(evidence.signers, good);
  if (good === undefined) return { checks, warnings: weaknesses };
  const { signer, place } = good;
  return {
    checks,
    signer,
    ...(place !== undefined && { place }),
    warnings: [...weaknesses, ...warningsAbout(signer, created, now)],
  };
}

function warningsAbout(signer: Signer, signed: number, now: number): string[] {
  const today = judgeSignerAt(signer, now);
  return today.ok || !judgeSignerAt(signer, signed).ok
    ? []
    : [`today the key would not be good (${today.reason}); only a log can prove when the signature was made`];
}
