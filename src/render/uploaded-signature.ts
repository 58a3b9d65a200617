import { formatTime } from '../encoding.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import { unsuccessful, type RenderedChart } from './chart-result.ts';
import { archiveLines, signerLines, type ReportedArchive } from './chart-text.ts';
import { chartMembers, type ShownTo } from './json.ts';
import { notUploadedText, type UploadedChart } from './upload-text.ts';

/** What `upload --rekor-version 2` would send, and where, had `--dry-run` not been given. */
export interface SignaturePlan {
  /** The URL of the log. */
  readonly server: string;
  /** What chose that log, in words. */
  readonly chosenBy: string;
  /** The URLs of the timestamp authorities. */
  readonly timestamps: readonly string[];
  /** Which key and digest it is, as Sigstore names them. */
  readonly keyDetails: string;
  /** Of what is signed: the name of the hash function and hexadecimal digits. */
  readonly digest: string;
  /** In bytes, as is `publicKeySize`. */
  readonly signatureSize: number;
  readonly publicKeySize: number;
}

/** A chart whose signature was to be put on a Rekor v2. Its report is about the bundle of its provenance. */
export interface UploadedSignature {
  /** As of an upload to a Rekor v1. */
  readonly outcome?: UploadedChart['outcome'];
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
  /** Only with the outcome `planned`. */
  readonly plan?: SignaturePlan;
  /** The bundle that is kept. Only with `created` and `exists`. */
  readonly kept?: KeptBundle;
}

/** A bundle that is kept with its chart. */
interface KeptBundle {
  /** Where it is: a path, or what is attached. */
  readonly path: string;
  readonly outcome: 'written' | 'unchanged';
  /** Of its entry. */
  readonly logIndex: number;
}

/** @param isVerbose whether every check is shown */
export function uploadedSignatureResult(
  uploaded: UploadedSignature,
  shownTo: ShownTo,
  isVerbose: boolean,
): RenderedChart {
  const { outcome, report, archive, plan, kept } = uploaded;
  const members = {
    ...(outcome && { outcome }),
    ...chartMembers(report, archive, { ...shownTo, plan: plan && planMembers(plan) }),
    ...(kept && { bundle: { ...kept } }),
  };
  if (plan !== undefined) return { text: planText(plan, report, archive), members };
  if (report.verdict === 'verified' && kept !== undefined)
    return { text: keptText(outcome, report, archive, kept), members, wasThere: outcome === 'exists' };
  return unsuccessful(report, archive, shownTo, members, () =>
    notUploadedText(outcome, report, archive, isVerbose),
  );
}

function keptText(
  outcome: UploadedSignature['outcome'],
  { evidence }: ChartReport,
  archive: ReportedArchive,
  { path, logIndex }: KeptBundle,
): string[] {
  if (evidence.profile !== 'openpgp-bundle' || evidence.time === undefined)
    throw new Error(`evidence of the kind ${evidence.profile} where a bundle of a provenance was made`);
  return [
    outcome === 'created' ? `Signature Logged: ${path}` : `Signature Already Logged: ${path}`,
    ...archiveLines(archive),
    `Rekor Index: ${logIndex}`,
    ...signerLines(evidence.signer),
    `Signed At: ${formatTime(evidence.time)}`,
    ...evidence.warnings.map((warning) => `Warning: ${warning}`),
  ];
}

function planText(plan: SignaturePlan, { evidence }: ChartReport, archive: ReportedArchive): string[] {
  const { server, chosenBy, timestamps, keyDetails, digest, signatureSize, publicKeySize } = plan;
  const signer = evidence.profile === 'openpgp-rekor' ? evidence.signer : undefined;
  return [
    `Nothing Was Sent: ${archive.label} (--dry-run)`,
    `Digest: sha256:${archive.sha256}`,
    '',
    `Rekor Server: ${server} (${chosenBy}, Rekor v2)`,
    ...timestamps.map((url) => `Timestamp Authority: ${url}`),
    'Would Become Public: no name, no e-mail address',
    `Would Be Sent: digest of what is signed, ${digest}`,
    `Would Be Sent: signature, ${signatureSize} bytes`,
    `Would Be Sent: public key of the signer, ${publicKeySize} bytes (${keyDetails})`,
    ...(signer ? signerLines(signer) : []),
    ...evidence.warnings.map((warning) => `Warning: ${warning}`),
  ];
}

function planMembers({ server, ...plan }: SignaturePlan): Record<string, unknown> {
  return { url: server, version: 2, ...plan };
}
