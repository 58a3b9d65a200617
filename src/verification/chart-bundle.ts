import type { ChartMetadata } from '../chart/metadata.ts';
import type { ExpectedChart } from '../chart/chart-files.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import { excerpt } from '../encoding.ts';
import { holdAgainstDigest } from './archive-checks.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { CERTIFICATE_CHECKS, KEY_CHECKS, OTHER_CHECKS } from './bundle-report.ts';
import type { Statement } from './chart-checks.ts';
import { failed, passed, type CheckResult, type Facts } from './checks.ts';
import { noPast } from './consistency.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import { check, makeChecks, optional } from './make-checks.ts';
import { bundleDigest, subjectsOf } from './statement-checks.ts';

/** A bundle as evidence for a chart. */
export interface ChartBundleEvidence extends BundleEvidence {
  /** The file name that has to be signed: the archive's own, or the one it had before it was renamed. */
  readonly signedName: string;
  /** What the index, the reference or the lock that names the archive says of it, if one does. */
  readonly expected?: ExpectedChart | undefined;
  /** Reads the Chart.yaml in the archive, which is signed with it. */
  readonly packed: () => Promise<ChartMetadata>;
  /** Where the bundle is, for people. */
  readonly place: string;
}

/** Whose signature a bundle holds, as it is proven. */
export type BundleSigner =
  ({ readonly kind: 'certificate' } & SigningCertificate & KeyName) | ({ readonly kind: 'key' } & KeyName);

interface KeyName {
  /** SHA-256 of the DER SubjectPublicKeyInfo, in hexadecimal. */
  readonly keyId: string;
}

/** What every report on a bundle of a chart says. */
interface AboutBundle {
  readonly source: 'file';
  /** It is not an entry that was asked for: the log's word is in the bundle. */
  readonly entry?: undefined;
  readonly place: string;
  /** Undefined: the certificate does not hold. */
  readonly signer: BundleSigner | undefined;
  /** When the signature was there, in seconds since 1970, if somebody vouches for that. */
  readonly time: number | undefined;
  readonly statement: Statement;
  readonly warnings: readonly string[];
}

type Name = 'sigstore-certificate' | 'sigstore-key';

export type ProvenBundle = Proven<Name> &
  AboutBundle & { readonly signer: BundleSigner; readonly time: number };
export type RefutedBundle = Refuted<Name> & AboutBundle;
/** What a bundle came to as evidence for a chart. */
export type ChartBundleReport = ProvenBundle | RefutedBundle;

const archiveDigest = check([], (evidence: ChartBundleEvidence) => {
  const digest = bundleDigest.make(evidence, {});
  return holdAgainstDigest(evidence.sha256, evidence.expected) ?? digest;
});

const archiveName = check([], checkName);

const OF_CHART = {
  'archive-digest': archiveDigest,
  'archive-name': archiveName,
  ...OTHER_CHECKS,
};

/** A chart and its Sigstore bundle, signed by an identity. */
const SIGSTORE_CERTIFICATE = {
  name: 'sigstore-certificate',
  checks: { ...OF_CHART, ...CERTIFICATE_CHECKS, consistency: optional(noPast) },
} as const;

/** A chart and its Sigstore bundle, signed by a key that the user has. */
const SIGSTORE_KEY = {
  name: 'sigstore-key',
  checks: { ...OF_CHART, ...KEY_CHECKS, consistency: optional(noPast) },
} as const;

/** Judges a bundle as evidence for a chart. @throws InputError if the archive cannot be looked into */
export async function judgeChartBundle(evidence: ChartBundleEvidence): Promise<ChartBundleReport> {
  const { sha256, signedName, certificate, place, signed } = evidence;
  const isKey = evidence.bundle.verifier.kind === 'key';
  const made = isKey
    ? await makeChecks(SIGSTORE_KEY.checks, evidence)
    : await makeChecks(SIGSTORE_CERTIFICATE.checks, evidence);
  const facts: Partial<Facts> = made.facts;
  const time = facts['signed-time'];
  const signer = isKey ? await keySigner(signed.key) : await certificateSigner(facts.certificate);
  const about = {
    source: 'file',
    place,
    time,
    signer,
    statement: { sha256, signedName, ...(certificate && { signedAt: certificate.notBefore }) },
    // What stands on a check that failed is no news.
    warnings: made.checks.flatMap(({ id, outcome, detail }) =>
      id === 'inclusion-proof' && outcome === 'skipped' && evidence.bundle.entry.proof === undefined
        ? [`${place}: ${detail}`]
        : [],
    ),
  } as const;
  const report = isKey ? reportOn(SIGSTORE_KEY, made.checks) : reportOn(SIGSTORE_CERTIFICATE, made.checks);
  if (report.kind === 'refuted') return { ...report, ...about };
  if (signer === undefined || time === undefined)
    throw new Error('a proven bundle without a signer or a time');
  return { ...report, ...about, signer, time };
}

async function certificateSigner(
  certificate: SigningCertificate | undefined,
): Promise<BundleSigner | undefined> {
  return certificate && { kind: 'certificate', ...certificate, ...(await keyName(certificate.publicKey)) };
}

async function keySigner(key: BundleEvidence['signed']['key']): Promise<BundleSigner> {
  return { kind: 'key', ...(await keyName(key)) };
}

async function keyName(key: BundleEvidence['signed']['key']): Promise<KeyName> {
  const { sha256Hex } = await import('../digest.ts');
  return { keyId: sha256Hex(key.export({ format: 'der', type: 'spki' })) };
}

/**
 * Whether the chart is the one that its name says. A statement names the file; of a signature over the file itself nobody
 * but its own Chart.yaml says it.
 */
async function checkName(evidence: ChartBundleEvidence): Promise<CheckResult<undefined>> {
  const { bundle, sha256, signedName, expected, packed } = evidence;
  const metadata = await packed();
  const failure = expected && (await import('./packed-checks.ts')).holdUnsigned(expected, metadata);
  if (failure !== undefined) return failure;
  const own = `${metadata.name}-${metadata.version}.tgz`;
  const named = bundle.content.kind === 'message' ? own : nameIn(evidence);
  if (named === signedName) return passed(`what is signed is called ${signedName}`);
  return failed(
    bundle.content.kind === 'message'
      ? 'the Chart.yaml that is signed with the archive is that of another file name'
      : `the statement gives sha256:${sha256} another name`,
    {
      expected: signedName,
      found: excerpt(named, 200),
      hint: {
        consumer: 'if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz',
        publisher: 'give the archive the name that was signed',
      },
    },
  );
}

/** The last part of the name that the statement gives the archive. */
function nameIn({ bundle, sha256 }: ChartBundleEvidence): string {
  if (bundle.content.kind === 'message') return '';
  const [subject] = subjectsOf(parseStatement(bundle.content).subjects, sha256);
  const name = subject?.name ?? '';
  return name.slice(name.lastIndexOf('/') + 1);
}
