import { join } from 'node:path';
import { findArchive } from '../chart/archive/archive.ts';
import type { ChartFiles, NamedBundles } from '../chart/chart-files.ts';
import { parseChartYaml } from '../chart/archive/metadata.ts';
import type { Sha256 } from '../digest.ts';
import { InputError, messageOf, SigstoreError } from '../errors.ts';
import { formatEvidence } from '../evidence/format.ts';
import { copyHashed } from '../files/hashed-copy.ts';
import { isPassed } from '../render/ruling-text.ts';
import { unjudgedProvenance } from './beside-accepted.ts';
import type { VerifiedChart } from './evidence-verifier.ts';

/** A chart that may be used: it is proven, or the policy lets it pass. */
export interface AcceptedChart {
  /** What the user called it. */
  readonly label: string;
  readonly verdict: 'verified' | 'warned' | 'pinned' | 'allowed';
  /** As the Chart.yaml in the archive says. */
  readonly name: string;
  readonly version: string;
  /** The name that its archive has where it is published: `NAME-VERSION.tgz`, no path. */
  readonly fileName: string;
  /** The path of a copy of the archive that nobody else can have changed: these are the bytes that were judged. */
  readonly archive: string;
  /** Of the copy. */
  readonly sha256: Sha256;
  /** The provenance; undefined: there is none, and the policy does not ask for one. */
  readonly provenance: Uint8Array | undefined;
  /** The bytes of an evidence file made of the log entry that proved it; undefined unless it is verified. */
  readonly evidence: Uint8Array | undefined;
  /** The file with the Sigstore bundle of its provenance that proved it; undefined unless one did. */
  readonly provenanceBundle: Uint8Array | undefined;
  /** The file with the Sigstore bundle that proved it; undefined unless one did. */
  readonly bundle: NamedBundles | undefined;
}

/** The chart with its copy; undefined: it is not accepted. @throws InputError if the copy cannot be made */
export async function acceptedOf(
  { report, archive, judged, provenanceBundle, bundle }: VerifiedChart,
  chart: ChartFiles,
  server: string,
  { directory, copyName }: { readonly directory: string; readonly copyName: string },
): Promise<AcceptedChart | undefined> {
  const { label } = chart;
  if (report.verdict !== 'verified' && !isPassed(report)) return undefined;
  const path = join(directory, copyName);
  // Whatever archive this is, it has the digest of what was judged.
  const sha256 = archive.sha256 as Sha256;
  await copyOf(chart, path, sha256);
  const { metadata } = await (await findArchive(path, { label })).open();
  const { name, version } = parseChartYaml(metadata, `Chart.yaml in ${label}`);
  const published = judged?.evidence.signedName ?? chart.expected?.signedName;
  return {
    label,
    verdict: report.verdict,
    name,
    version,
    fileName: requireFileName(published ?? `${name}-${version}.tgz`, label),
    archive: path,
    sha256,
    provenance: judged?.evidence.provenance.bytes ?? (await unjudgedProvenance(chart, sha256)),
    evidence:
      report.verdict === 'verified' && report.evidence.entry !== undefined
        ? formatEvidence({ log: server, entries: [report.evidence.entry] })
        : undefined,
    provenanceBundle,
    bundle,
  };
}

/** @throws InputError if the copy cannot be made, or would hold something else */
async function copyOf(chart: ChartFiles, path: string, sha256: Sha256): Promise<void> {
  let isSame: boolean;
  try {
    isSame = await copyHashed((await chart.archive()).chunks(), path, sha256);
  } catch (error) {
    if (error instanceof SigstoreError) throw error;
    throw new InputError(`cannot copy ${chart.label}: ${messageOf(error)}`, undefined, { cause: error });
  }
  if (!isSame) throw new InputError(`${chart.label} was changed while it was read`);
}

function requireFileName(name: string, label: string): string {
  if (/^[^./\\\0][^/\\\0]*$/.test(name)) return name;
  throw new InputError(`${label} has no name that a file could have: ${name}`);
}
