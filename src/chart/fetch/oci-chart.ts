import { join } from 'node:path';
import { downloadBlob, readBlob } from '../../registry/blobs.ts';
import type { Descriptor } from '../../registry/descriptor.ts';
import { formatReference } from '../../registry/reference.ts';
import type { RemoteRepository } from '../../registry/remote-repository.ts';
import { findArchive } from '../archive/archive.ts';
import {
  attachedBundles,
  attachedEvidence,
  attachedProvenanceBundles,
  type RegistryFetching,
} from './attached-evidence.ts';
import { FETCHED_PROVENANCE_LIMIT, FetchedChart, type FetchedFiles } from './fetched-chart.ts';
import { ARCHIVE, watchedSink } from './fetching.ts';
import { fetchChartManifest } from './oci-manifest.ts';
import { signedNameOf } from '../index/indexed-charts.ts';
import type { OciReference } from './reference.ts';
import { noProvenance } from './sidecars.ts';
import { versionOf } from './tagged-version.ts';

/**
 * The chart of a tag or a digest in a registry. Its name is that of the repository there, its version that of the tag, or the
 * one that the user wants.
 * @param version the exact version that is wanted, if the reference has no tag
 * @param otherTag another spelling of the tag, which is asked for where the tag is not there
 */
export function ociChart(
  reference: OciReference,
  version: string | undefined,
  fetching: RegistryFetching,
  otherTag?: string,
): FetchedChart {
  const label = formatReference(reference);
  const known = { label, asked: { reference: label }, nameBegins: `${nameOf(reference)}-` };
  return new FetchedChart(known, fetching, (directory) =>
    fetchOciChart(reference, version, fetching, directory, otherTag),
  );
}

/** What {@link ociChart} fetches into a directory, for a chart that the user named in another way. */
export async function fetchOciChart(
  reference: OciReference,
  version: string | undefined,
  fetching: RegistryFetching,
  directory: string,
  otherTag?: string,
): Promise<FetchedFiles> {
  const label = formatReference(reference);
  const repository = await fetching.repository(reference, fetching.deadline());
  const { manifest, tag, archive, provenance } = await fetchChartManifest(repository, reference, otherTag);
  const path = await fetchLayer(repository, archive, { label, directory }, fetching);
  const again = () => repository.within(fetching.deadline());
  return {
    path,
    expected: await expectedOf({ ...reference, tag }, version, path),
    source: { form: 'oci', reference: label, digest: manifest.digest },
    provenance: async () => {
      if (provenance === undefined)
        throw noProvenance(`the registry has ${label}`, 'the manifest has no layer for it');
      return await readBlob(again(), provenance, FETCHED_PROVENANCE_LIMIT);
    },
    evidence: () => attachedEvidence(again(), manifest),
    provenanceBundles: () => attachedProvenanceBundles(again(), manifest),
    bundles: () => attachedBundles(again(), manifest),
  };
}

function nameOf({ repository }: Pick<OciReference, 'repository'>): string {
  return repository.slice(repository.lastIndexOf('/') + 1);
}

/** The one chart whose name, and version unless only a digest is given, the reference says. */
async function expectedOf(
  reference: Omit<OciReference, 'tag'> & { readonly tag: string | undefined },
  wanted: string | undefined,
  path: string,
): Promise<FetchedFiles['expected']> {
  const { tag } = reference;
  const name = nameOf(reference);
  const version = tag === undefined ? wanted : versionOf(tag);
  const said = { source: 'reference', names: [name], ...(version !== undefined && { version }) } as const;
  if (tag !== undefined && version !== undefined)
    return { ...said, signedName: signedNameOf([name], version) };
  // Of a digest the archive says how its version is spelt, and has to say the one that is signed.
  const label = formatReference({
    host: reference.host,
    repository: reference.repository,
    ...(reference.digest && { digest: reference.digest }),
  });
  const { metadata } = await (await findArchive(path, { label })).open();
  const { parseChartYaml } = await import('../archive/metadata.ts');
  return {
    ...said,
    signedName: signedNameOf([name], parseChartYaml(metadata, `Chart.yaml in ${label}`).version),
  };
}

async function fetchLayer(
  repository: RemoteRepository,
  layer: Descriptor,
  { label, directory }: { readonly label: string; readonly directory: string },
  fetching: RegistryFetching,
): Promise<string> {
  const path = join(directory, ARCHIVE);
  const progress = fetching.watch(label);
  try {
    await downloadBlob(repository, layer, fetching.maxArchive, () => watchedSink(path, progress));
    return path;
  } finally {
    progress();
  }
}
