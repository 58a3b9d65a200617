import type { ChartFiles } from '../chart/chart-files.ts';
import { readSignedChart } from '../chart/signed-chart.ts';
import { encodeHex } from '../encoding.ts';
import { InputError, SigstoreError } from '../errors.ts';
import type { Deadline } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { reportOnEvidences, reportSince, type ChartReport } from '../policy/chart-report.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import type { SignaturePlan, UploadedSignature } from '../render/uploaded-signature.ts';
import type { RunContext } from '../run/context.ts';
import type { LoggingServices } from '../services/choose-services.ts';
import type { TiledLog } from '../services/tiled-log.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import { isLocallyGood, judgeChart } from '../verification/chart-checks.ts';
import type { GoodChart, Unlogged } from '../verification/entry-report.ts';
import { acceptableSigners, chartEvidence, packedChart } from './chart-evidence.ts';
import { logSignature } from './log-signature.ts';
import { loggableProvenance, type LoggableProvenance } from './loggable-provenance.ts';
import { bundlesIn } from './judge-bundle-file.ts';
import { judgeBundleOf } from './prove-by-bundle.ts';
import { reportUnasked } from './prove-by-entries.ts';
import type { BundlePlace } from './bundle-place.ts';
import { deadKey } from './submission.ts';

/** What all charts share whose signatures are put on a Rekor v2. */
export interface SignatureUploading {
  readonly keyring: Keyring;
  readonly trust: SigstoreTrust;
  readonly log: TiledLog;
  readonly services: LoggingServices;
  readonly http: HttpClient;
  /** Of the requests for one chart. */
  readonly deadline: () => Deadline;
  readonly context: Pick<RunContext, 'now' | 'interrupted' | 'stderr'>;
  /** What chose the log, in words; undefined: nothing is rehearsed. */
  readonly rehearsedOn: string | undefined;
  /** The labels of the charts that were given to the log, whatever it answered. */
  readonly sent: Set<string>;
  /** Where the bundle of a chart is kept. @throws UsageError if there is no place */
  readonly placeOf: (chart: ChartFiles) => BundlePlace;
}

/** A chart whose local checks passed, and what is done with it. */
interface GoodUpload {
  readonly chart: ChartFiles;
  readonly good: GoodChart;
  readonly requirements: Requirements;
  readonly run: SignatureUploading;
}

/**
 * Proves that a Rekor v2 has the signature of a chart's provenance: by the bundle that is kept with the chart, or by one that
 * is made now. Sends nothing before every local check passed, and keeps nothing before it was judged as `verify` judges it.
 * @param general what is required of every chart of the run
 * @throws InputError if the archive or the provenance cannot be read, or something else is where the bundle belongs
 */
export async function uploadSignature(
  chart: ChartFiles,
  general: Requirements,
  run: SignatureUploading,
): Promise<UploadedSignature> {
  const signed = await readSignedChart(chart);
  const requirements = requirementsFor(chart.expected, general);
  const evidence = {
    ...chartEvidence(signed, acceptableSigners(signed.provenance, run.keyring, requirements), requirements),
    packed: packedChart(chart, signed.archive),
  };
  const judgement = await judgeChart(evidence, run.context.now());
  const archive = { label: chart.label, sha256: signed.archive.sha256, source: chart.source };
  if (!isLocallyGood(judgement))
    return { outcome: 'refused', report: reportUnasked({ evidence, judgement }, requirements), archive };
  const uploaded = await uploadGood({ chart, good: { evidence, judgement }, requirements, run });
  return { ...uploaded, archive };
}

async function uploadGood(upload: GoodUpload): Promise<Omit<UploadedSignature, 'archive'>> {
  const { chart, good, requirements, run } = upload;
  const unasked = reportUnasked(good, requirements);
  const since = (found: Unlogged) => reportSince(unasked, good.judgement, found, requirements);
  const place = run.placeOf(chart);
  const present = await presentBundle(upload, place);
  if (present !== undefined) return { outcome: 'exists', ...present };
  const made = deadKey(good, run.context.now());
  if (made !== undefined) return { outcome: 'refused', report: since({ made }) };
  try {
    const provenance = loggableProvenance(chart.label, good);
    if (run.rehearsedOn !== undefined)
      return { outcome: 'planned', report: unasked, plan: planOf(provenance, run, run.rehearsedOn) };
    return await send(upload, provenance, place);
  } catch (error) {
    if (error instanceof SigstoreError && !(error instanceof InputError)) return { report: since({ error }) };
    throw error;
  }
}

/**
 * The bundle of this provenance that is kept and holds; undefined: there is none, or it may be replaced.
 * @throws InputError if another one is there
 */
async function presentBundle(
  upload: GoodUpload,
  place: BundlePlace,
): Promise<Pick<UploadedSignature, 'report' | 'kept'> | undefined> {
  const present = await place.present();
  for (const { label, bytes } of present) {
    const { report, logIndex } = await judged(upload, bytes, label);
    if (report.verdict === 'verified')
      return { report, kept: { path: label, outcome: 'unchanged', logIndex } };
  }
  const [first] = present;
  if (first === undefined || place.mayReplace) return undefined;
  throw new InputError(
    `${first.label} is there, and does not prove that this signature of ${upload.chart.label} was logged`,
    'see why with helm sigstore verify --verbose, with the --trusted-root of its log; if nobody needs it, move it away',
  );
}

async function send(
  upload: GoodUpload,
  provenance: LoggableProvenance,
  place: BundlePlace,
): Promise<Omit<UploadedSignature, 'archive'>> {
  const { chart, run } = upload;
  const { log, services, http, context, sent } = run;
  const authorities = services.timestamps.map(({ url }) => url).join(', ');
  context.stderr.print([
    `Publishing the signature of ${chart.label}, the digest that it is over and the public key of its signer on ${log.url}, for good; ${authorities} dates it`,
  ]);
  sent.add(chart.label);
  const asking = { http, deadline: run.deadline() };
  const { bundle, wasThere } = await logSignature(provenance, log, services, asking);
  const { report, logIndex } = await judged(upload, bundle, place.label);
  if (report.verdict !== 'verified') return { outcome: 'unproven', report };
  if (context.interrupted.aborted) throw new SigstoreError('UNCHECKED', 'interrupted before it was kept');
  const path = await place.keep(bundle);
  return { outcome: wasThere ? 'exists' : 'created', report, kept: { path, outcome: 'written', logIndex } };
}

/** The bundle as evidence for the chart. @throws InputError if it is none */
async function judged(
  { good, requirements, run }: GoodUpload,
  bytes: Uint8Array,
  place: string,
): Promise<{ readonly report: ChartReport; readonly logIndex: number }> {
  const [bundle] = bundlesIn(bytes, place);
  if (bundle === undefined) throw new InputError(`${place} holds no bundle`);
  const report = await judgeBundleOf(good, bundle, place, run.trust, run.context.now());
  const signedAt = good.evidence.provenance.signature.created;
  return { report: reportOnEvidences([report], signedAt, requirements), logIndex: bundle.entry.logIndex };
}

/** What would be sent of a provenance, and where. @param chosenBy what chose the log, in words */
function planOf(
  { digest, signature, verifier }: LoggableProvenance,
  { log, services }: SignatureUploading,
  chosenBy: string,
): SignaturePlan {
  return {
    server: log.url,
    chosenBy,
    timestamps: services.timestamps.map(({ url }) => url),
    keyDetails: verifier.keyDetails,
    digest: `${digest.algorithm}:${encodeHex(digest.value)}`,
    signatureSize: signature.length,
    publicKeySize: verifier.der.length,
  };
}
