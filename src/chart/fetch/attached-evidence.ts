import { SigstoreError } from '../../errors.ts';
import { EVIDENCE_LIMIT, MEDIA_TYPE } from '../../evidence/evidence.ts';
import { BUNDLE_LIMIT, BUNDLE_MEDIA_TYPE, PROVENANCE_BUNDLE_TYPE } from '../../evidence/sigstore-bundle.ts';
import type { Deadline } from '../../http/deadline.ts';
import { readBlob } from '../../registry/blobs.ts';
import type { StoredManifest } from '../../registry/manifest.ts';
import { fetchManifest } from '../../registry/manifests.ts';
import { formatReference } from '../../registry/reference.ts';
import { findReferrers } from '../../registry/referrers.ts';
import type { RemoteRepository } from '../../registry/remote-repository.ts';
import type { NamedBundles, NamedBytes } from '../chart-files.ts';
import { NOTHING_OFFERED, type OfferedFiles } from './offered-files.ts';
import type { Fetching } from './fetching.ts';
import type { OciReference } from './reference.ts';
import { tagOf } from './tagged-version.ts';

/** What a chart in a registry is fetched with. */
export interface RegistryFetching extends Pick<Fetching, 'directory' | 'deadline' | 'maxArchive' | 'watch'> {
  /** The repository of a reference; what is asked of it ends with the deadline. */
  readonly repository: (reference: OciReference, deadline: Deadline) => Promise<RemoteRepository>;
}

/**
 * The evidence that is attached to a manifest; what cannot be had of it does no harm.
 * @throws InputError on a bad file of credentials
 */
export async function attachedEvidence(
  repository: RemoteRepository,
  manifest: StoredManifest,
): Promise<readonly NamedBytes[]> {
  return await attachedFiles(repository, manifest, MEDIA_TYPE, EVIDENCE_LIMIT);
}

/** The Sigstore bundles of its provenance that are attached to a manifest. @throws InputError on a bad file of credentials */
export async function attachedProvenanceBundles(
  repository: RemoteRepository,
  manifest: StoredManifest,
): Promise<readonly NamedBytes[]> {
  return await attachedFiles(repository, manifest, PROVENANCE_BUNDLE_TYPE, EVIDENCE_LIMIT);
}

/**
 * The Sigstore bundles that are attached to a manifest, which may be what they sign, and what cosign 2 signed of it.
 * @throws InputError on a bad file of credentials
 */
export async function attachedBundles(
  repository: RemoteRepository,
  manifest: StoredManifest,
): Promise<readonly NamedBundles[]> {
  const found = await attachedFiles(repository, manifest, BUNDLE_MEDIA_TYPE, BUNDLE_LIMIT);
  // Who has no use for bundles loads nothing of what reads them.
  const { cosignSignatures } = await import('./cosign-signatures.ts');
  return [
    ...found.map((each) => ({ ...each, manifest: manifest.bytes })),
    ...(await cosignSignatures(repository, manifest)),
  ];
}

async function attachedFiles(
  repository: RemoteRepository,
  { digest }: StoredManifest,
  mediaType: string,
  limit: number,
): Promise<readonly NamedBytes[]> {
  const { manifests } = await findReferrers(repository, digest, mediaType);
  const found: NamedBytes[] = [];
  for (const { digest: of, layers } of manifests.slice(0, MAX_EVIDENCE)) {
    const [layer] = layers;
    if (layer === undefined || layers.length > 1) continue;
    const bytes = await readBlob(repository, layer, limit).catch((error: unknown) => {
      if (error instanceof SigstoreError) return undefined;
      throw error;
    });
    if (bytes) found.push({ label: formatReference({ ...repository.name, digest: of }), bytes });
  }
  return found;
}

/** The most pieces of evidence of one chart that are looked at: each costs a judgement. */
const MAX_EVIDENCE = 16;

/** What is attached to the chart of a tag or a digest in a registry, each time asked for anew; empty if none can be had. */
export function attachedTo(reference: OciReference, fetching: RegistryFetching): OfferedFiles {
  const { tag, digest } = reference;
  const ask = async <Files>(
    attached: (repository: RemoteRepository, manifest: StoredManifest) => Promise<readonly Files[]>,
  ): Promise<readonly Files[]> => {
    if (tag === undefined && digest === undefined) return [];
    try {
      const repository = await fetching.repository(reference, fetching.deadline());
      const name = digest === undefined ? { tag: tag ?? '' } : { digest };
      return await attached(repository, await fetchManifest(repository, name));
    } catch (error) {
      if (error instanceof SigstoreError) return [];
      throw error;
    }
  };
  return {
    evidence: () => ask(attachedEvidence),
    provenanceBundles: () => ask(attachedProvenanceBundles),
    bundles: () => ask(attachedBundles),
  };
}

/** The same, of the chart that Helm pulled from a registry, under this file name. */
export function attachedToPulled(
  reference: OciReference,
  fileName: string,
  fetching: RegistryFetching,
): OfferedFiles {
  const name = reference.repository.slice(reference.repository.lastIndexOf('/') + 1);
  const [, version] = /^-(.+)\.tgz$/.exec(fileName.slice(name.length)) ?? [];
  const isNamed = version !== undefined && fileName.startsWith(name);
  return isNamed ? attachedTo({ ...reference, tag: tagOf(version) }, fetching) : NOTHING_OFFERED;
}
