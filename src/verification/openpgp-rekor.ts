import { archiveDigest, archiveName } from './archive-checks.ts';
import { consistency } from './consistency.ts';
import {
  chartEntryId,
  entryBinding,
  entryKind,
  logTime,
  signerKey,
  type EntryToJudge,
} from './entry-checks.ts';
import { checkpoint, inclusionPromise, inclusionProof, logKey } from './log-checks.ts';
import { idsOf, optional, type CheckSet } from './make-checks.ts';
import type { OpenPgpCheckId } from './checks.ts';
import { provenanceSignature } from './signature-check.ts';

/** The checks that look at the chart and its provenance alone: a log is asked only about a chart that passes them. */
export const LOCAL_CHECKS = {
  'archive-digest': archiveDigest,
  'archive-name': archiveName,
  'provenance-signature': provenanceSignature,
};

export type LocalCheckId = keyof typeof LOCAL_CHECKS;

export type EntryCheckId = Exclude<OpenPgpCheckId, LocalCheckId>;

/** The checks of one entry of the log, for a chart that passed the local ones. */
export const ENTRY_CHECKS: CheckSet<EntryCheckId, EntryToJudge, LocalCheckId> = {
  'entry-kind': entryKind,
  'entry-binding': entryBinding,
  'entry-id': chartEntryId,
  'log-key': logKey,
  'inclusion-promise': inclusionPromise,
  checkpoint,
  'inclusion-proof': inclusionProof,
  'signer-key': signerKey,
  'log-time': logTime,
  // There may be nothing to compare the checkpoint with.
  consistency: optional(consistency),
};

/** A provenance file, and a `helm` entry of a Rekor v1 log: what `verify` and `upload` ask for. */
export const OPENPGP_REKOR = {
  name: 'openpgp-rekor',
  checks: { ...LOCAL_CHECKS, ...ENTRY_CHECKS },
} as const;

/** All checks of `OPENPGP_REKOR`, in the order of judgement. */
export const CHECK_IDS = idsOf<OpenPgpCheckId>(OPENPGP_REKOR.checks);

export const LOCAL_CHECK_IDS = idsOf<LocalCheckId>(LOCAL_CHECKS);
