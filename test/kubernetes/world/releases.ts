import { gunzipSync } from 'node:zlib';
import type { Cluster } from '../cluster/cluster.ts';

/** What a cluster holds of one release. */
export interface Held {
  /** The ConfigMaps with their labels, annotations and data. */
  readonly configMaps: readonly object[];
  /** What Helm stored of it, in the order of the revisions: chart, values, manifest, state. Without times. */
  readonly revisions: readonly StoredRelease[];
}

/** What Helm stores of a revision, as far as the tests name it; all of it is there. */
interface StoredRelease {
  readonly version: number;
  readonly info: { readonly status: string };
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string } };
  readonly manifest: string;
}

/** Stands for the namespace, so that releases in two of them can be compared. */
const NAMESPACE = 'NAMESPACE';

/** Reads what a namespace holds of a release, by the API and not by Helm. */
export async function heldOf(cluster: Cluster, namespace: string, release: string): Promise<Held> {
  const configMaps = (await cluster.api.list('configmaps', namespace))
    // The server itself puts one into each namespace.
    .filter(({ metadata }) => metadata.name.startsWith(`${release}-`))
    .map(({ metadata: { name, labels, annotations }, data }) => ({ name, labels, annotations, data }));
  const revisions = (await cluster.api.list('secrets', namespace))
    .filter(({ metadata }) => metadata.name.startsWith(`sh.helm.release.v1.${release}.v`))
    .map(({ data }) => readRelease(data?.['release'] ?? ''))
    .sort((one, other) => one.version - other.version);
  return inAnyNamespace({ configMaps, revisions }, namespace);
}

/** Of what Kubernetes encodes, Helm encodes and compresses once more. */
function readRelease(stored: string): StoredRelease {
  const encoded = Buffer.from(stored, 'base64').toString('latin1');
  const text = gunzipSync(Buffer.from(encoded, 'base64')).toString();
  return JSON.parse(text, (key, value: unknown) =>
    key === 'first_deployed' || key === 'last_deployed' || key === 'last_run' ? undefined : value,
  ) as StoredRelease;
}

function inAnyNamespace(held: Held, namespace: string): Held {
  return JSON.parse(JSON.stringify(held).replaceAll(`"${namespace}"`, `"${NAMESPACE}"`)) as Held;
}
