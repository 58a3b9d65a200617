import type { Sha256 } from '../digest.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { BundleEvidence, ChartBundleEvidence } from './bundle-evidence.ts';
import { CERTIFICATE_CHECKS, KEY_CHECKS, OTHER_CHECKS } from './bundle-report.ts';
import { bundledArchive, bundledName } from './chart-bundle-checks.ts';
import type { Statement } from './chart-checks.ts';
import type { Facts } from './checks.ts';
import { bundleConsistency } from './consistency.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import { makeChecks, optional } from './make-checks.ts';

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
  /** Of the image manifest that was signed in place of the archive; undefined: the archive was. */
  readonly manifest: Sha256 | undefined;
  /** Whether a text was signed that names this manifest, in place of it. */
  readonly isByClaim: boolean;
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

const OF_CHART = {
  'archive-digest': bundledArchive,
  'archive-name': bundledName,
  ...OTHER_CHECKS,
};

/** A chart and its Sigstore bundle, signed by an identity. */
const SIGSTORE_CERTIFICATE = {
  name: 'sigstore-certificate',
  checks: { ...OF_CHART, ...CERTIFICATE_CHECKS, consistency: optional(bundleConsistency) },
} as const;

/** A chart and its Sigstore bundle, signed by a key that the user has. */
const SIGSTORE_KEY = {
  name: 'sigstore-key',
  checks: { ...OF_CHART, ...KEY_CHECKS, consistency: optional(bundleConsistency) },
} as const;

/** Judges a bundle as evidence for a chart. @throws InputError if the archive cannot be looked into */
export async function judgeChartBundle(evidence: ChartBundleEvidence): Promise<ChartBundleReport> {
  const { archive, signedName, certificate, place, signed } = evidence;
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
    manifest: evidence.image?.sha256,
    isByClaim: evidence.image?.claim !== undefined,
    time,
    signer,
    statement: {
      sha256: archive.sha256,
      signedName,
      ...(certificate && { signedAt: certificate.notBefore }),
    },
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
