import { createHash } from 'node:crypto';
import type { MadeChart } from './charts.ts';

/** Part of a manifest (OCI image specification, descriptors). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const EMPTY = 'application/vnd.oci.empty.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** Somebody who can push what they like into a repository of a registry that asks nobody for a password. */
export class RawRepository {
  constructor(
    private readonly registry: { readonly url: string },
    readonly name: string,
  ) {}

  /** Pushes a chart as Helm does, but under any name and tag, and with any of its parts from elsewhere. */
  async pushChart(tag: string, chart: MadeChart, provenance = chart.provenance): Promise<string> {
    const { name, version } = chart;
    const config = JSON.stringify({ name, version, apiVersion: 'v2' });
    const layers = [await this.putBlob(CHART, chart.archive)];
    if (provenance !== undefined) layers.push(await this.putBlob(PROVENANCE, provenance));
    return await this.putManifest(tag, {
      schemaVersion: 2,
      config: await this.putBlob(CONFIG, Buffer.from(config)),
      layers,
    });
  }

  /** Makes another tag for what a tag stands for. */
  async copyTag(from: string, to: string): Promise<void> {
    await this.put(`manifests/${to}`, await this.manifest(from), MANIFEST);
  }

  /** The bytes of a manifest. */
  async manifest(reference: string): Promise<Uint8Array> {
    const answer = await fetch(this.#url(`manifests/${reference}`), { headers: { accept: MANIFEST } });
    if (!answer.ok) throw new Error(`manifest ${reference}: status ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The digest of the manifest that a tag stands for. */
  async digest(tag: string): Promise<string> {
    return digestOf(await this.manifest(tag));
  }

  /** Pushes a manifest under a tag or its digest; returns its digest. */
  async putManifest(reference: string, manifest: object): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(manifest));
    await this.put(`manifests/${reference === '' ? digestOf(bytes) : reference}`, bytes, MANIFEST);
    return digestOf(bytes);
  }

  /** Puts a list of manifests in the place of the referrers of one (OCI distribution specification, fallback tag). */
  async putFallbackTag(subject: string, manifests: readonly object[]): Promise<void> {
    const index = { schemaVersion: 2, mediaType: INDEX, manifests };
    await this.put(`manifests/${subject.replace(':', '-')}`, Buffer.from(JSON.stringify(index)), INDEX);
  }

  /** Deletes a manifest. */
  async delete(digest: string): Promise<void> {
    const answer = await fetch(this.#url(`manifests/${digest}`), { method: 'DELETE' });
    if (answer.status !== 202) throw new Error(`delete ${digest}: status ${answer.status}`);
  }

  async putBlob(mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
    const begun = await fetch(this.#url('blobs/uploads/'), { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', this.registry.url);
    location.searchParams.set('digest', digestOf(bytes));
    const headers = { 'content-type': 'application/octet-stream' };
    const done = await fetch(location, { method: 'PUT', body: Buffer.from(bytes), headers });
    if (done.status !== 201) throw new Error(`blob: status ${done.status}`);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  }

  private async put(at: string, bytes: Uint8Array, type: string): Promise<void> {
    const headers = { 'content-type': type };
    const answer = await fetch(this.#url(at), { method: 'PUT', body: Buffer.from(bytes), headers });
    if (answer.status !== 201) throw new Error(`${at}: status ${answer.status}: ${await answer.text()}`);
  }

  #url(at: string): string {
    return `${this.registry.url}/v2/${this.name}/${at}`;
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
