import type { ChartFiles, NamedBundles } from '../chart/chart-files.ts';
import { InputError } from '../errors.ts';
import { BUNDLE_ENDINGS, MAX_BUNDLES, type SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import type { ReportedArchive } from '../render/chart-text.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import { judgeChartBundle, type ChartBundleReport } from '../verification/chart-bundle.ts';
import { RELEASE_PREDICATES } from '../verification/statement-checks.ts';
import type { BundlePast } from './bundle-past.ts';
import { packedChart } from './chart-evidence.ts';
import { once, readableImage, signedInPlace } from './signed-image.ts';
import { bundleEvidence, bundlesIn, NoKeyError } from './judge-bundle-file.ts';

/** What the bundles of charts are judged by. */
export interface BundleJudging {
  readonly signers: WantedSigners;
  readonly trust: SigstoreTrust;
  /** Predicate types of statements that count; undefined: those that say "I released this". */
  readonly predicateTypes: readonly string[] | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** What was seen before of the logs; undefined: nobody looks. */
  readonly past?: Pick<BundlePast, 'known'>;
  /** The bundles; undefined: those that are kept with the chart, or offered where it is. */
  readonly bundles?: readonly NamedBundles[];
}

/** The bundles of a chart, judged, and which archive it is. */
export interface JudgedBundles {
  readonly reports: readonly ChartBundleReport[];
  /** The files that they are in. */
  readonly files: readonly NamedBundles[];
  readonly archive: ReportedArchive;
  /** What is required of this chart. */
  readonly requirements: Requirements;
}

/**
 * Judges the bundles that are kept with a chart, or offered where it is. What a server offers and nobody can read is passed
 * over; what the user keeps has to be readable.
 * @param own what is required of this chart, before it is fetched
 * @throws InputError if the archive or a bundle of the user cannot be read
 */
export async function judgeBundlesOf(
  chart: ChartFiles,
  own: Requirements,
  { signers, trust, predicateTypes: named, now, past, bundles }: BundleJudging,
): Promise<JudgedBundles> {
  // It is read for its digest, for a signature over it, and for its Chart.yaml.
  const found = await (await chart.archive()).held();
  const archive = await found.read();
  const { expected, source } = chart;
  const requirements = requirementsFor(expected, own);
  const { signedName = archive.name } = requirements;
  const packed = packedChart({ label: chart.label, archive: () => Promise.resolve(found) }, archive);
  const reports: ChartBundleReport[] = [];
  let unjudged: InputError | undefined;
  const needsStatement = named !== undefined;
  const predicateTypes = named ?? RELEASE_PREDICATES;
  const judgeOne = async (bundle: SigstoreBundle, { label, ...beside }: Omit<NamedBundles, 'bytes'>) => {
    try {
      const place = signedInPlace(bundle, beside, archive.sha256);
      const file = place ? () => once(place.signed) : found.chunks;
      const evidence = await bundleEvidence(bundle, label, file, signers, trust, now);
      if (place === undefined && evidence.sha256 !== archive.sha256)
        throw new InputError(`${chart.label} was changed while it was read`);
      const of = { archive, image: place && (await readableImage(place)) };
      const about = { ...of, signedName, expected: requirements.expected, packed, place: label };
      const asked = { predicateTypes, needsStatement };
      const known = await past?.known(evidence, requirements);
      reports.push(await judgeChartBundle({ ...evidence, ...about, ...asked, ...known }));
    } catch (error) {
      // One that needs a key, for example, beside another one by the identity that counts.
      if (!(error instanceof InputError)) throw error;
      unjudged ??= error;
    }
  };
  let left = MAX_JUDGED;
  const judge = async ({ bytes, ...of }: NamedBundles) => {
    const all = bundlesIn(bytes, of.label).slice(0, left);
    left -= all.length;
    for (const bundle of all) await judgeOne(bundle, of);
  };
  const files = (bundles ?? (await chart.bundles())).slice(0, MAX_FILES);
  for (const each of files) {
    if (!chart.isElsewhere) await judge(each);
    else
      await judge(each).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
      });
  }
  // Under a policy somebody else signed, and its rule says what becomes of that.
  const isByOther = own.rule !== undefined && unjudged instanceof NoKeyError;
  if (reports.length === 0 && unjudged !== undefined && !isByOther) throw unjudged;
  return { reports, files, archive: { label: chart.label, sha256: archive.sha256, source }, requirements };
}

/** The most files with bundles of one chart that are looked at: in a registry half of them may be attached, half signatures of cosign 2. */
const MAX_FILES = 32;
/** The most bundles in them: for each signature over the archive, all of that is hashed. All that can be beside a file are looked at. */
const MAX_JUDGED = BUNDLE_ENDINGS.length * MAX_BUNDLES;
