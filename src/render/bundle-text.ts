import { formatTime } from '../encoding.ts';
import { hintFor, type Diagnosis } from '../errors.ts';
import type { BundleReport } from '../verification/bundle-report.ts';
import { certificateLines, identityMembers } from './certificate-text.ts';
import { checksInWords, failedChecksLines } from './chart-text.ts';
import { checkMembers } from './json.ts';

/** A file that was judged by a bundle. */
interface JudgedByBundle {
  readonly label: string;
  /** Of the file, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Where the bundle is. */
  readonly bundle: string;
  readonly report: BundleReport;
}

/** What is shown of a bundle, for people and for programs. */
interface RenderedBundle {
  readonly text: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;
  /** Undefined: it is proven. */
  readonly diagnosis?: Diagnosis;
}

/**
 * What a bundle came to. It says plainly what was not looked at.
 * @param trustedBy where the trusted root comes from
 * @param isVerbose whether every check is shown
 */
export function bundleText(
  { label, sha256, bundle, report }: JudgedByBundle,
  trustedBy: string,
  isVerbose: boolean,
): RenderedBundle {
  const { checks, signer, signedAt } = report;
  const isProven = report.kind === 'proven';
  const document = {
    kind: 'bundle',
    file: { path: label, sha256 },
    bundle,
    trustedRoot: trustedBy,
    verdict: isProven ? 'verified' : 'rejected',
    profile: report.profile,
    ...(signer && { signer: identityMembers(signer) }),
    ...(signedAt !== undefined && { signedAt: formatTime(signedAt) }),
    checks: checkMembers(checks),
  };
  const about = [
    `File: ${label}`,
    `Digest: sha256:${sha256}`,
    `Bundle: ${bundle}`,
    `Trusted By: ${trustedBy}`,
    ...(signer ? certificateLines(signer) : []),
    ...(signedAt === undefined ? [] : [`Signed At: ${formatTime(signedAt)}`]),
  ];
  if (isProven)
    return {
      text: [
        'Bundle verified (no chart, name or policy checked)',
        '',
        ...about,
        `Checks: ${checksInWords(checks)}`,
        ...(isVerbose ? failedChecksLines(checks, true) : []),
      ],
      document,
    };
  const { failure } = report;
  const compared =
    failure.expected === undefined
      ? ''
      : ` (expected ${failure.expected}, found ${failure.found ?? 'nothing'})`;
  const hint = hintFor(failure.hint, 'consumer');
  const message = `${label}: ${failure.id}: ${failure.detail}${compared}`;
  return {
    text: ['Bundle Not Verified', '', ...about, '', ...failedChecksLines(checks, isVerbose)],
    document,
    diagnosis: { code: 'REJECTED', message, ...(hint !== undefined && { hint }) },
  };
}
