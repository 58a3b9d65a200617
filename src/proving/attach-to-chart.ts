import { FETCHED_PROVENANCE_LIMIT } from '../chart/fetch/fetched-chart.ts';
import { fetchChartManifest } from '../chart/fetch/oci-manifest.ts';
import { messageOf, MalformedError, RejectedError, SigstoreError, UsageError } from '../errors.ts';
import { isSigstoreBundle } from '../evidence/is-sigstore-bundle.ts';
import { attach, type Attached } from '../registry/attachment.ts';
import { readBlob } from '../registry/blobs.ts';
import type { Descriptor } from '../registry/descriptor.ts';
import type { StoredManifest } from '../registry/manifest.ts';
import { formatReference, parseRegistryReference, type RegistryReference } from '../registry/reference.ts';
import type { RemoteRepository } from '../registry/remote-repository.ts';
import type { RunContext } from '../run/context.ts';
import { ChartServers } from '../run/chart-servers.ts';
import type { RegistryOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import {
  bundleToAttach,
  evidenceToAttach,
  readEvidenceToAttach,
  type EvidenceFile,
  type FileToAttach,
} from './files-to-attach.ts';

/** A file that is attached to a chart now. */
interface AttachedFile extends Attached {
  /** As the user named it. */
  readonly path: string;
  readonly artifactType: string;
}

/** What came of attaching files to a chart. */
export interface AttachedToChart {
  /** The chart, by the digest of its manifest. */
  readonly chart: string;
  readonly files: readonly AttachedFile[];
  /** Why the file after these, and those behind it, are not attached. */
  readonly failure?: SigstoreError;
}

/**
 * Attaches evidence, a bundle, or both, to a chart in a registry. Nothing is pushed before all files are known to be what
 * they should be, and the evidence to be that of the chart's archive. Whether it proves anything is not judged: `verify` does
 * that, wherever the evidence comes from.
 * @throws UsageError on a reference that names no manifest of a registry
 * @throws InputError if a file cannot be read, or is something else
 * @throws NotFoundError if the chart is not there
 * @throws RejectedError if the evidence is that of another archive
 * @throws SigstoreError `UNCHECKED` if the registry refuses before anything is attached, if there is no chart, or if tag and
 * digest name different manifests
 */
export async function attachToChart(
  word: string,
  files: { readonly evidence: string | undefined; readonly bundle: string | undefined },
  settings: Settings<RegistryOption>,
  context: RunContext,
): Promise<AttachedToChart> {
  const reference = manifestReference(word);
  const evidence =
    files.evidence === undefined ? undefined : await readEvidence(files.evidence, context.interrupted);
  const bundle = files.bundle === undefined ? [] : [await bundleToAttach(files.bundle, context.interrupted)];
  const servers = await ChartServers.open(settings, context);
  try {
    const repository = await servers.repository(reference, servers.deadline());
    const { manifest, archive, provenance } = await fetchChartManifest(repository, reference);
    if (evidence !== undefined && 'archives' in evidence) requireSameArchive(evidence, archive, reference);
    else if (evidence !== undefined) {
      const signed = provenance && (await readBlob(repository, provenance, FETCHED_PROVENANCE_LIMIT));
      const { requireSameProvenance } = await import('./attached-bundle.ts');
      requireSameProvenance(evidence, signed, formatReference(reference));
    }
    const chart = formatReference({ ...repository.name, digest: manifest.digest });
    return {
      chart,
      ...(await attachEach([...(evidence ? [evidence] : []), ...bundle], manifest, repository)),
    };
  } finally {
    await servers.close();
  }
}

/** Evidence, or a bundle of a provenance, whichever the file is. @throws InputError */
async function readEvidence(path: string, interrupted: AbortSignal) {
  const bytes = await readEvidenceToAttach(path, interrupted);
  if (!isSigstoreBundle(bytes)) return evidenceToAttach(path, bytes);
  return (await import('./attached-bundle.ts')).provenanceBundleFile(path, bytes);
}

function manifestReference(word: string): RegistryReference {
  const reference = readReference(word);
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  throw new UsageError(
    `expected a chart with its tag or digest, found the repository ${formatReference(reference)}`,
    'write oci://HOST/PATH/NAME:TAG, or @sha256:DIGEST in place of the tag',
  );
}

function readReference(word: string): RegistryReference {
  try {
    return parseRegistryReference(word);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UsageError(
      error.message,
      'write oci://HOST/PATH/NAME:TAG; evidence of a chart that is a file belongs beside it',
    );
  }
}

function requireSameArchive(
  { path, archives }: EvidenceFile,
  archive: Descriptor,
  reference: RegistryReference,
): void {
  const other = archives.find((sha256) => sha256 !== archive.digest);
  if (other === undefined) return;
  throw new RejectedError(
    `${path} is evidence of the archive sha256:${other}, and that of ${formatReference(reference)} is sha256:${archive.digest}: nothing was pushed`,
    'helm sigstore evidence makes that of this archive; a chart that was packed again is another archive',
  );
}

async function attachEach(
  files: readonly FileToAttach[],
  manifest: StoredManifest,
  repository: RemoteRepository,
): Promise<Omit<AttachedToChart, 'chart'>> {
  const done: AttachedFile[] = [];
  for (const { path, artifactType, bytes } of files) {
    try {
      done.push({ path, artifactType, ...(await attach(repository, manifest, { artifactType, bytes })) });
    } catch (error) {
      if (!(error instanceof SigstoreError)) throw error;
      const message = `${path} is not attached: ${messageOf(error)}`;
      return { files: done, failure: new SigstoreError(error.code, message, error.hint, { cause: error }) };
    }
  }
  return { files: done };
}
