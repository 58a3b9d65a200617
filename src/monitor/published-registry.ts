import { attachedBundles } from '../chart/fetch/attached-evidence.ts';
import { FETCHED_PROVENANCE_LIMIT } from '../chart/fetch/fetched-chart.ts';
import { fetchChartManifest, NotAChartError } from '../chart/fetch/oci-manifest.ts';
import type { OciReference } from '../chart/fetch/reference.ts';
import { InputError, NotFoundError } from '../errors.ts';
import { readBlob } from '../registry/blobs.ts';
import { isFallbackTag } from '../registry/fallback-tag.ts';
import { formatReference } from '../registry/reference.ts';
import { listTags } from '../registry/tags.ts';
import type { ChartServers } from '../run/chart-servers.ts';
import type { Published } from './published.ts';

/**
 * Adds the charts that a repository of a registry has: that of the tag or the digest of the reference, or those of all its tags.
 * What is stored there and is no chart, as signatures are, is passed over.
 * @throws SigstoreError if the registry does not say what it has, or has more tags than are looked at
 */
export async function addRegistry(
  reference: OciReference,
  servers: ChartServers,
  published: Published,
): Promise<void> {
  const named = reference.tag !== undefined || reference.digest !== undefined;
  const list = async () => {
    const tags = await listTags(await servers.repository(reference, servers.deadline()));
    return tags.filter((tag) => !isFallbackTag(tag));
  };
  const tags = named ? [undefined] : await list();
  if (tags.length > MOST_TAGS)
    throw new InputError(
      `expected at most ${MOST_TAGS} tags in ${formatReference(reference)}, found ${tags.length}`,
      'name those that are to be watched one by one, with their tags',
    );
  for (const tag of tags) {
    const one = tag === undefined ? reference : { ...reference, tag };
    await addTagged(one, servers, published, named);
  }
}

/** Each is a request. */
const MOST_TAGS = 2000;

async function addTagged(
  reference: OciReference,
  servers: ChartServers,
  published: Published,
  isNamed: boolean,
): Promise<void> {
  const again = () => servers.repository(reference, servers.deadline());
  try {
    const { manifest, archive, provenance } = await fetchChartManifest(await again(), reference);
    const { digest: sha256 } = archive;
    const files = {
      bundles: async () => await attachedBundles(await again(), manifest),
      provenance: async () => {
        if (provenance === undefined) throw new NotFoundError('there is no provenance');
        return await readBlob(await again(), provenance, FETCHED_PROVENANCE_LIMIT);
      },
    };
    const name = formatReference(reference);
    published.add({ sha256, name, image: manifest.digest, beside: (work) => work(files) });
  } catch (error) {
    if (isNamed || !(error instanceof NotAChartError)) throw error;
  }
}
