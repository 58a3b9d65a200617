import { createPublicKey } from 'node:crypto';
import type { ChartFiles, NamedBytes } from '../chart/chart-files.ts';
import { InputError, type Hint } from '../errors.ts';
import { tryEnvelope, trySignatureOver } from '../evidence/signed-bytes.ts';
import type { SignatureFacts } from '../evidence/library-verdict.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import { algorithmName } from '../openpgp/algorithms.ts';
import { preimageOf } from '../openpgp/plain-signature.ts';
import { subjectPublicKeyInfo } from '../openpgp/subject-public-key.ts';
import { reportOnEvidences, type ChartReport } from '../policy/chart-report.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from '../verification/bundle-evidence.ts';
import { isLocallyGood } from '../verification/chart-checks.ts';
import type { CheckId } from '../verification/checks.ts';
import type { GoodChart } from '../verification/entry-report.ts';
import { signingKeyOf } from '../verification/openpgp-bundle.ts';
import { judgeProvenanceBundle, type ProvenanceBundleReport } from '../verification/provenance-bundle.ts';
import { bundlesIn } from './judge-bundle-file.ts';
import { openChart } from './opened-chart.ts';
import { reportUnasked } from './prove-by-entries.ts';
import type { ReportedChart } from './prove-chart.ts';
import type { ProvingRun } from './proving-run.ts';

/**
 * Proves a chart by Sigstore bundles that show the signature of its provenance on a log. Nobody is asked: the log's word and
 * the time are in the bundle.
 * @param general what is required of every chart of the run
 * @throws InputError if archive or provenance cannot be read, the bundle is malformed, or no bundle can be by this key
 */
export async function proveByBundle(
  chart: ChartFiles,
  { label, bytes }: NamedBytes,
  general: Requirements,
  run: ProvingRun<OfflineLog>,
): Promise<ReportedChart> {
  const [first, ...others] = bundlesIn(bytes, label);
  const now = run.context.now();
  const opened = await openChart(chart, general, run);
  const { requirements } = opened;
  const judged = await opened.judge(now);
  const { evidence, judgement, archive } = judged;
  if (!isLocallyGood(judgement) || first === undefined)
    return { report: reportUnasked({ evidence, judgement }, requirements), archive };
  const trust = await run.sigstoreTrust();
  const past = await run.bundlePast();
  const judge = async (bundle: SigstoreBundle) =>
    await judgeBundleOf({ evidence, judgement }, bundle, label, trust, now, (found) =>
      past.known(found, requirements),
    );
  const reports: [ProvenanceBundleReport, ...ProvenanceBundleReport[]] = [await judge(first)];
  for (const bundle of others) reports.push(await judge(bundle));
  const signedAt = evidence.provenance.signature.created;
  return { report: withHint(reportOnEvidences(reports, signedAt, requirements)), archive, judged };
}

/** What fails where a bundle was changed, or was put together of several. */
const OF_BUNDLE: ReadonlySet<CheckId> = new Set([
  'bundle-binding',
  'entry-binding',
  'inclusion-promise',
  'checkpoint',
  'inclusion-proof',
  'signed-time',
  'signature',
  'log-time',
]);

const GET_AGAIN: Hint = {
  consumer: 'get the bundle again, from where the chart is; or remove its file, so that the log is asked',
  publisher: 'remove the file, and put the signature of the provenance on the log again',
};

/** With what to do about a bundle that does not prove its chart: no log has answered, so it is not the log's to mend. */
function withHint(report: ChartReport): ChartReport {
  if (report.verdict !== 'rejected') return report;
  const { evidence } = report;
  const { failure } = evidence;
  if (!OF_BUNDLE.has(failure.id)) return report;
  return { ...report, evidence: { ...evidence, failure: { ...failure, hint: GET_AGAIN } } };
}

/**
 * Judges one bundle as evidence for a chart that passed the local checks.
 * @param knownOf what was seen before of its log; undefined: nobody looks
 * @throws InputError if no bundle can be by its key
 */
export async function judgeBundleOf(
  chart: GoodChart,
  bundle: SigstoreBundle,
  place: string,
  trust: SigstoreTrust,
  now: number,
  knownOf?: (evidence: BundleEvidence) => Promise<Pick<BundleEvidence, 'past'>>,
): Promise<ProvenanceBundleReport> {
  const { provenance } = chart.evidence;
  const packet = signingKeyOf(chart.judgement.facts['provenance-signature']);
  const spki = subjectPublicKeyInfo(packet);
  if (spki === undefined)
    throw new InputError(
      `${place} cannot be a bundle of this provenance: no log has signatures by keys of ${algorithmName(packet)}`,
    );
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const signed = await factsOf(bundle, preimageOf(provenance.signature, provenance.signedBytes), key);
  const { judgeByLibrary } = await import('../evidence/sigstore-library.ts');
  const evidence: BundleEvidence = {
    bundle,
    sha256: chart.evidence.archive.sha256,
    signed,
    library: judgeByLibrary(bundle, signed, trust, key),
    certificate: undefined,
    trust,
    identities: [],
    predicateTypes: undefined,
    now,
  };
  return await judgeProvenanceBundle({ ...evidence, ...(await knownOf?.(evidence)) }, chart, place);
}

async function factsOf(
  { content }: SigstoreBundle,
  preimage: Uint8Array,
  key: SignatureFacts['key'],
): Promise<SignatureFacts> {
  if (content.kind === 'envelope') return tryEnvelope(content, key);
  const { facts } = await trySignatureOver(once(preimage), content, key);
  return facts;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
