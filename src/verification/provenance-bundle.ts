import type { Signer } from '../openpgp/key-lifetime.ts';
import type { Statement } from './chart-checks.ts';
import { outcomeOf } from './checks.ts';
import { keyWarnings, type GoodChart } from './entry-report.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import { makeChecks } from './make-checks.ts';
import { OPENPGP_BUNDLE, PROVENANCE_BUNDLE_CHECKS, type ProvenanceBundleEvidence } from './openpgp-bundle.ts';

/** What every report on a bundle of a provenance says. */
interface AboutProvenanceBundle {
  readonly source: 'file';
  /** It is not an entry that was asked for: the log's word is in the bundle. */
  readonly entry?: undefined;
  /** Where the bundle is, for people. */
  readonly place: string;
  /** As the keyring tells it: such a bundle holds no certificate. */
  readonly signer: Signer;
  /** When the signature was there, in seconds since 1970, if somebody vouches for that. */
  readonly time: number | undefined;
  readonly statement?: Statement | undefined;
  readonly warnings: readonly string[];
}

type Name = (typeof OPENPGP_BUNDLE)['name'];

export type ProvenProvenanceBundle = Proven<Name> & AboutProvenanceBundle & { readonly time: number };
export type RefutedProvenanceBundle = Refuted<Name> & AboutProvenanceBundle;
/** What the evidence of the profile `openpgp-bundle` for a chart came to. */
export type ProvenanceBundleReport = ProvenProvenanceBundle | RefutedProvenanceBundle;

/** Judges a bundle as evidence that the signature of a provenance was logged. @param place where the bundle is */
export async function judgeProvenanceBundle(
  evidence: Omit<ProvenanceBundleEvidence, 'chart'>,
  { evidence: chart, judgement }: GoodChart,
  place: string,
): Promise<ProvenanceBundleReport> {
  const { checks, facts } = await makeChecks(PROVENANCE_BUNDLE_CHECKS, { ...evidence, chart }, judgement);
  const time = facts['signed-time'];
  const signerThen = facts['signer-key'];
  const isDated = time !== undefined && outcomeOf('log-time', checks) === 'passed';
  const { proof } = evidence.bundle.entry;
  const about = {
    source: 'file',
    place,
    signer: signerThen ?? judgement.facts['provenance-signature'].signer,
    time,
    statement: judgement.statement,
    warnings: [
      ...judgement.warnings,
      ...checks.flatMap(({ id, outcome, detail }) =>
        id === 'inclusion-proof' && outcome === 'skipped' && proof === undefined
          ? [`${place}: ${detail}`]
          : [],
      ),
      ...(isDated && signerThen ? keyWarnings(signerThen, time, evidence.now) : []),
    ],
  } as const;
  const report = reportOn(OPENPGP_BUNDLE, checks);
  if (report.kind === 'refuted') return { ...report, ...about };
  if (time === undefined) throw new Error('a proven bundle without a time');
  return { ...report, ...about, time };
}
