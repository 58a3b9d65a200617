import { MalformedError, NotFoundError, SigstoreError } from '../../errors.ts';
import type { StoredManifest } from '../../registry/manifest.ts';
import { fetchManifest } from '../../registry/manifests.ts';
import { formatReference, type RegistryReference } from '../../registry/reference.ts';
import type { RemoteRepository } from '../../registry/remote-repository.ts';
import { chartLayersOf, type ChartLayers } from './oci-layers.ts';

/** A chart in a registry, and what it consists of. */
interface ChartManifest extends ChartLayers {
  readonly manifest: StoredManifest;
  /** The tag under which it was found; undefined: the reference has none. */
  readonly tag: string | undefined;
}

/**
 * The manifest of the chart that a reference names by tag, digest, or both.
 * @param otherTag is asked for where the tag is not there
 * @throws NotFoundError if it is not there
 * @throws SigstoreError `UNCHECKED` if it is no chart, or tag and digest name different manifests
 */
export async function fetchChartManifest(
  repository: RemoteRepository,
  reference: RegistryReference,
  otherTag?: string,
): Promise<ChartManifest> {
  const { tag, digest } = reference;
  const { manifest, tag: found } =
    digest === undefined
      ? await fetchTagged(repository, tag ?? '', otherTag)
      : { manifest: await fetchManifest(repository, { digest }), tag };
  if (tag !== undefined && digest !== undefined) await requireTag(repository, tag, manifest);
  try {
    return { manifest, tag: found, ...chartLayersOf(manifest) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const label = formatReference(reference);
    throw new NotAChartError(
      'UNCHECKED',
      `the manifest of ${label} is not that of a chart: ${error.message}`,
    );
  }
}

/** Something else than a chart is stored under a tag. */
export class NotAChartError extends SigstoreError {}

async function fetchTagged(
  repository: RemoteRepository,
  tag: string,
  otherTag: string | undefined,
): Promise<Pick<ChartManifest, 'manifest' | 'tag'>> {
  try {
    return { manifest: await fetchManifest(repository, { tag }), tag };
  } catch (error) {
    if (otherTag === undefined || !(error instanceof NotFoundError)) throw error;
    const other = await fetchManifest(repository, { tag: otherTag }).catch((second: unknown) => {
      // The tag that the user gave is the one that is missing.
      throw second instanceof NotFoundError ? error : second;
    });
    return { manifest: other, tag: otherTag };
  }
}

async function requireTag(
  repository: RemoteRepository,
  tag: string,
  { digest }: StoredManifest,
): Promise<void> {
  const tagged = await fetchManifest(repository, { tag });
  if (tagged.digest === digest) return;
  throw new SigstoreError(
    'UNCHECKED',
    `the tag ${tag} of ${repository.label} is sha256:${tagged.digest}, and not sha256:${digest} as the reference says`,
    'leave out the tag to name the chart by its digest alone',
  );
}
