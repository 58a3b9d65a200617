import type { InTotoStatement } from '../evidence/in-toto-statement.ts';
import { didPass } from '../evidence/library-verdict.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { bundleEntryBinding, bundleLogTime } from './bundle-log-checks.ts';
import { OTHER_CHECKS } from './bundle-report.ts';
import { failed, type CheckId, type Facts } from './checks.ts';
import { reportOn, type Profile, type Proven, type Refuted } from './evidence-report.ts';
import { certificate, signature } from './identity-checks.ts';
import { check, makeChecks, type CheckSet } from './make-checks.ts';

/**
 * Whether the entry is that of the bundle, and holds for Sigstore's library too. Of a signature over a file that library has
 * no more to say here, as the file is not there.
 */
const loneEntry = check([], async (evidence: BundleEvidence) => {
  const result = await bundleEntryBinding.make(evidence, {});
  const { library, bundle } = evidence;
  if (result.outcome !== 'passed' || library.kind === 'agrees' || didPass(library, 'entry')) return result;
  // A check of its own says so then.
  if (
    library.at === 'signed-time' ||
    (library.at === 'certificate' && bundle.verifier.kind === 'certificate')
  )
    return result;
  return failed(`the library of Sigstore does not accept the entry: ${library.reason}`);
});

const FIRST = {
  statement: OTHER_CHECKS.statement,
  'log-key': OTHER_CHECKS['log-key'],
  'inclusion-promise': OTHER_CHECKS['inclusion-promise'],
  checkpoint: OTHER_CHECKS.checkpoint,
  'inclusion-proof': OTHER_CHECKS['inclusion-proof'],
  'signed-time': OTHER_CHECKS['signed-time'],
};
const ENTRY = { 'entry-binding': loneEntry };
const LAST = { 'log-time': bundleLogTime };

/** What can be checked of a bundle by itself, in the order in which the library does it; of a signature over a file all but that. */
const CHECKS = {
  'certificate, message': { ...FIRST, certificate, ...ENTRY, ...LAST },
  'certificate, envelope': { ...FIRST, certificate, ...ENTRY, signature, ...LAST },
  'key, message': { ...FIRST, ...ENTRY, ...LAST },
  'key, envelope': { ...FIRST, ...ENTRY, signature, ...LAST },
} as const;

type Name = 'bundle-evidence';

/** A Sigstore bundle, judged without the file that it is about: what `evidence --check` asks for. */
export interface LoneBundle {
  readonly report: Proven<Name> | Refuted<Name>;
  readonly evidence: BundleEvidence;
  /** As far as it is proven. */
  readonly signer: SigningCertificate | undefined;
  /** The key that vouches for the entry. */
  readonly logKey: TrustedLogKey | undefined;
  /** When the signature was there, in seconds since 1970, if somebody vouches for that. */
  readonly signedAt: number | undefined;
  /** What is signed, if that is a statement. */
  readonly statement: InTotoStatement | undefined;
}

/** Judges a bundle by itself. @param evidence with what the bundle says of its file in place of that */
export async function judgeLoneBundle(evidence: BundleEvidence): Promise<LoneBundle> {
  const { verifier, content } = evidence.bundle;
  switch (`${verifier.kind}, ${content.kind}` as const) {
    case 'certificate, message':
      return await judge(CHECKS['certificate, message'], evidence);
    case 'certificate, envelope':
      return await judge(CHECKS['certificate, envelope'], evidence);
    case 'key, message':
      return await judge(CHECKS['key, message'], evidence);
    case 'key, envelope':
      return await judge(CHECKS['key, envelope'], evidence);
  }
}

async function judge<Id extends CheckId>(
  checks: CheckSet<Id, BundleEvidence> & Profile<Name, Id>['checks'],
  evidence: BundleEvidence,
): Promise<LoneBundle> {
  const made = await makeChecks<Id, BundleEvidence>(checks, evidence);
  const facts: Partial<Facts> = made.facts;
  return {
    report: reportOn({ name: 'bundle-evidence', checks }, made.checks),
    evidence,
    signer: facts.certificate,
    logKey: facts['log-key'] as TrustedLogKey | undefined,
    signedAt: facts['signed-time'],
    statement: facts.statement,
  };
}

/** The checks of a chart by such bundles that were not made of any of these. */
export function notMadeOf(bundles: readonly LoneBundle[]): readonly CheckId[] {
  const made = new Set(bundles.flatMap(({ report }) => report.checks.map(({ id }) => id)));
  return OF_CHARTS.filter((id) => !made.has(id));
}

const OF_CHARTS: readonly CheckId[] = [
  'archive-digest',
  'archive-name',
  'provenance-signature',
  'bundle-binding',
  'signature',
  'identity',
  'signer-key',
  'consistency',
];
