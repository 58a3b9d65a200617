import type { Archive } from '../chart/archive/archive.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import type { UsersHelm } from '../files/users-helm.ts';
import { InputError, MalformedError, messageOf, RejectedError, SigstoreError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Deadline } from '../http/deadline.ts';
import { parseProvenance, type Provenance } from '../provenance/provenance.ts';
import type { SignedChartReport } from '../render/signing-text.ts';
import { hashAlgorithmName, hashAlgorithmOf } from './digest.ts';
import { OWN_CONFIGURATION, type Gpg } from './gpg.ts';
import { judgeProvenance, type GoodProvenance, type ProvenanceJudge } from './judged-provenance.ts';
import { presentProvenance } from './present-provenance.ts';
import { requireExpected, requireSignable } from './signable.ts';
import { coveredBytes, signedTextOf } from './signed-text.ts';
import { shownChart } from './shown-chart.ts';
import type { GpgSigningKey } from './signing-key.ts';

/** What all charts that are signed share. */
export interface SigningRun {
  readonly gpg: Gpg;
  readonly key: GpgSigningKey;
  readonly judge: ProvenanceJudge;
  readonly helm: () => UsersHelm;
  readonly deadline: () => Deadline;
  /** Whether a provenance that is there is replaced, whatever it is. */
  readonly replaces: boolean;
  /** Whether the user chose the digest. */
  readonly isDigestChosen: boolean;
  readonly interrupted: AbortSignal;
}

/**
 * Signs a chart with gpg as `helm package --sign` would, judges what gpg made, and only then writes it beside the chart. A
 * signature by the same signer that is there and holds is kept.
 * @throws InputError if the archive cannot be read, another provenance is there, or Helm or gpg fail
 * @throws RejectedError if the archive is not what an index says, Helm shows what cannot be signed, or what gpg made does not hold
 */
export async function signChart(chart: ChartFiles, run: SigningRun): Promise<SignedChartReport> {
  const { gpg, key, replaces, interrupted } = run;
  const archive = await (await chart.archive()).open();
  const packed = requireExpected(chart, archive);
  const present = replaces ? undefined : await presentProvenance(chart, archive, key, run.judge);
  if (present !== undefined) return reportOn(chart, archive, present, 'unchanged', run);

  const text = signedTextOf(await shownChart(run.helm(), chart.label, run.deadline()), archive);
  await requireSignable(chart, text, packed);
  return await gpg.inTurn(async () => {
    if (interrupted.aborted) throw new SigstoreError('UNCHECKED', 'interrupted before it was signed');
    // The chart may have been named twice.
    const signed = replaces ? undefined : await presentProvenance(chart, archive, key, run.judge);
    if (signed !== undefined) return reportOn(chart, archive, signed, 'unchanged', run);
    const fresh = await made(chart, archive, text, run);
    await write(chart.provenanceLabel, fresh.provenance.bytes, interrupted);
    return reportOn(chart, archive, fresh, 'written', run);
  });
}

/** What gpg makes of the text, judged. */
async function made(
  chart: ChartFiles,
  archive: Archive,
  text: string,
  { gpg, key, judge }: SigningRun,
): Promise<GoodProvenance> {
  const { signer, digest } = key;
  const order = { fingerprint: signer.signingFingerprint, digest: digest.toUpperCase() };
  const provenance = parsed(await gpg.clearsign(text, order));
  const { signature, signedBytes } = provenance;
  if (!Buffer.from(coveredBytes(text)).equals(signedBytes))
    throw refusal('it signed another text than it was given');
  if (signature.hashAlgorithm !== hashAlgorithmOf(digest))
    throw refusal(`it signed ${hashAlgorithmName(signature.hashAlgorithm)} in place of ${order.digest}`);
  const judged = await judgeProvenance(chart, archive, provenance, judge);
  if (judged.reason !== undefined) throw refusal(judged.reason);
  if (judged.signer.signingFingerprint !== signer.signingFingerprint)
    throw refusal(`it signed with the key ${judged.signer.signingFingerprint.toUpperCase()}`);
  return judged;
}

function parsed(bytes: Uint8Array): Provenance {
  try {
    return parseProvenance(bytes);
  } catch (error) {
    if (error instanceof MalformedError) throw refusal(error.message);
    throw error;
  }
}

/** Nothing is written of what gpg made. */
function refusal(why: string): RejectedError {
  return new RejectedError(`what gpg made does not hold, and was not written: ${why}`, OWN_CONFIGURATION);
}

function reportOn(
  chart: ChartFiles,
  archive: Archive,
  { provenance: { signature }, signer, packed }: GoodProvenance,
  outcome: SignedChartReport['outcome'],
  { key, isDigestChosen }: SigningRun,
): SignedChartReport {
  const usual = `${packed.name}-${packed.version}.tgz`;
  const digest = hashAlgorithmName(signature.hashAlgorithm);
  const warnings: string[] = [];
  if (archive.name !== usual)
    warnings.push(
      `the file name ${archive.name} is signed, by which Helm verifies; Helm itself calls this chart ${usual}`,
    );
  if (isDigestChosen && signature.hashAlgorithm !== hashAlgorithmOf(key.digest))
    warnings.push(`the signature that is there is over ${digest}; --force signs anew`);
  return {
    archive: { label: chart.label, sha256: archive.sha256 },
    path: chart.provenanceLabel,
    outcome,
    signer,
    digest,
    signedAt: signature.created,
    helms: key.helms,
    warnings,
  };
}

async function write(path: string, bytes: Uint8Array, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) throw new SigstoreError('UNCHECKED', 'interrupted before it was written');
  try {
    await replaceFile(path, bytes, { mode: 0o644 });
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`, undefined, { cause: error });
  }
}
