import type { ProvenReport } from '../policy/decision.ts';
import type { ProvenEntry } from '../verification/entry-report.ts';

/** Proven evidence of OpenPGP and of the log. @throws Error, a defect of ours, where it is of another kind */
export function entryEvidence(evidence: ProvenReport): ProvenEntry {
  if (evidence.profile === 'openpgp-rekor') return evidence;
  throw new Error(`evidence of the kind ${evidence.profile} where an entry of the log was asked for`);
}
