import { encodeHex, excerpt, formatTime } from '../encoding.ts';
import type { Diagnosis } from '../errors.ts';
import type { CheckId } from '../verification/checks.ts';
import type { LoneBundle } from '../verification/lone-bundle.ts';
import { certificateLines, identityMembers } from './certificate-text.ts';
import { rejection } from './diagnosis.ts';
import { checkMembers } from './json.ts';

/** A file of Sigstore bundles that was judged by itself. */
interface Checked {
  readonly path: string;
  /** Those that hold come first. */
  readonly bundles: readonly LoneBundle[];
  readonly trustedBy: string;
  /** The checks that need the file that was signed, or its signer: only `verify` makes them. */
  readonly notChecked: readonly CheckId[];
}

/** What is shown of such a file, for people and for programs. */
interface RenderedFile {
  readonly text: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;
  /** Undefined: a bundle holds. */
  readonly diagnosis: Diagnosis | undefined;
}

/** @param isVerbose whether every check is shown */
export function checkedBundles(checked: Checked, isVerbose: boolean): RenderedFile {
  const { path, bundles, trustedBy, notChecked } = checked;
  const [first] = bundles;
  const failure = first?.report.kind === 'refuted' ? first.report.failure : undefined;
  const hint = 'get it again, from where the chart is; or have the chart signed again';
  return {
    text: [
      `${failure === undefined ? 'Evidence Holds By Itself' : 'Evidence Does Not Hold'}: ${path}`,
      '',
      ...bundles.flatMap((each) => bundleLines(each, trustedBy, isVerbose)),
      `Not Checked: ${notChecked.join(', ')}`,
    ],
    document: {
      evidence: path,
      trustedRoot: trustedBy,
      bundles: bundles.map(bundleMembers),
      notChecked,
    },
    diagnosis: failure && { ...rejection(failure, path), hint },
  };
}

function bundleLines(bundle: LoneBundle, trustedBy: string, isVerbose: boolean): string[] {
  const { report, evidence, signer, logKey, signedAt, statement } = bundle;
  const { form, entry } = evidence.bundle;
  return [
    `Sigstore Bundle: ${form}`,
    ...(logKey === undefined ? [] : [`  Log: ${logKey.url}`]),
    `  Log Index: ${entry.logIndex}`,
    ...(signedAt === undefined ? [] : [`  Signed At: ${formatTime(signedAt)}`]),
    ...(statement === undefined
      ? [`  Signed Digest: ${signedDigest(bundle)}`]
      : [
          `  Statement: ${statement.predicateType}`,
          ...subjectsOf(bundle).map((each) => `  Subject: ${each}`),
        ]),
    ...(signer ? certificateLines(signer).map((line) => `  ${line}`) : []),
    report.kind === 'proven'
      ? `  Proofs: checked against ${trustedBy}`
      : `  Proofs: do not hold: ${report.failure.id}: ${report.failure.detail}`,
    ...(isVerbose ? report.checks.map(({ id, outcome, detail }) => `  ${outcome} ${id}: ${detail}`) : []),
  ];
}

function bundleMembers(bundle: LoneBundle): Record<string, unknown> {
  const { report, evidence, signer, logKey, signedAt, statement } = bundle;
  const { form, entry } = evidence.bundle;
  return {
    form,
    ...(logKey && { log: logKey.url }),
    logIndex: entry.logIndex,
    ...(signedAt !== undefined && { signedAt: formatTime(signedAt) }),
    ...(statement === undefined
      ? { digest: signedDigest(bundle) }
      : { predicateType: statement.predicateType, subjects: subjectsOf(bundle) }),
    ...(signer && { signer: identityMembers(signer) }),
    holds: report.kind === 'proven',
    checks: checkMembers(report.checks),
  };
}

/** Of the file, as the bundle says it; what is logged is the same. */
function signedDigest({ evidence: { bundle, signed } }: LoneBundle): string {
  const { content } = bundle;
  const algorithm = content.kind === 'message' ? content.digest.algorithm : 'sha256';
  return `${algorithm}:${encodeHex(signed.digest)}`;
}

/** At most ten. */
function subjectsOf({ statement }: LoneBundle): string[] {
  return (statement?.subjects ?? []).slice(0, SHOWN).map(({ name, digests }) => {
    const { sha256 } = digests;
    const digest = typeof sha256 === 'string' ? `sha256:${sha256.slice(0, SHA256_DIGITS)}` : 'no SHA-256';
    return name === undefined ? digest : `${excerpt(name, 200)} (${digest})`;
  });
}

const SHOWN = 10;
const SHA256_DIGITS = 64;
