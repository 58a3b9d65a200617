import { createHash } from 'node:crypto';

/** A manifest as a registry keeps it. */
export interface KeptManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What a registry of a test keeps: by repository and digest or tag. */
export class RegistryStore {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, KeptManifest>();
  readonly tags = new Map<string, string>();

  /** Keeps content, and returns its descriptor. */
  addBlob(repository: string, content: Uint8Array | string, mediaType = 'application/octet-stream') {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.blobs.set(`${repository}@${digest}`, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Keeps a manifest under its digest, and perhaps a tag; returns its descriptor. */
  addManifest(repository: string, content: object | Uint8Array | string, tag?: string) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    const bytes = isRaw ? Buffer.from(content) : Buffer.from(JSON.stringify(content));
    const mediaType = mediaTypeOf(bytes);
    const digest = digestOf(bytes);
    this.manifests.set(`${repository}@${digest}`, { bytes, mediaType });
    if (tag !== undefined) this.tags.set(`${repository}:${tag}`, digest);
    return { mediaType, digest, size: bytes.length };
  }

  /** A manifest by its tag or digest. */
  manifest(repository: string, name: string): KeptManifest | undefined {
    const digest = name.startsWith('sha256:') ? name : this.tags.get(`${repository}:${name}`);
    return digest === undefined ? undefined : this.manifests.get(`${repository}@${digest}`);
  }

  /** The tags of a repository. */
  tagsOf(repository: string): string[] {
    const own = [...this.tags.keys()].filter((name) => name.startsWith(`${repository}:`));
    return own.map((name) => name.slice(repository.length + 1)).sort();
  }

  /** What a registry with the referrers API lists for a manifest. */
  referrersOf(repository: string, digest: string): object[] {
    const listed: object[] = [];
    for (const [name, { bytes, mediaType }] of this.manifests) {
      if (!name.startsWith(`${repository}@`)) continue;
      const { subject, artifactType } = contentOf(bytes);
      if (subject?.digest !== digest) continue;
      listed.push({ mediaType, digest: digestOf(bytes), size: bytes.length, artifactType });
    }
    return listed;
  }

  /** A chart with its archive and its provenance, as Helm pushes it; returns the descriptors. */
  addChart(repository: string, archive: string | Uint8Array, tag?: string, provenance?: string) {
    const config = this.addBlob(
      repository,
      '{"name":"hello","version":"0.1.0"}',
      'application/vnd.cncf.helm.config.v1+json',
    );
    const chart = this.addBlob(repository, archive, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip');
    const signed =
      provenance === undefined
        ? []
        : [this.addBlob(repository, provenance, 'application/vnd.cncf.helm.chart.provenance.v1.prov')];
    const manifest = this.addManifest(
      repository,
      { schemaVersion: 2, config, layers: [chart, ...signed] },
      tag,
    );
    return { manifest, chart, config };
  }
}

/** `sha256:HEX` of bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

interface Content {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly subject?: { readonly digest?: string };
}

function contentOf(bytes: Buffer): Content {
  try {
    return JSON.parse(bytes.toString()) as Content;
  } catch {
    return {};
  }
}

function mediaTypeOf(bytes: Buffer): string {
  return contentOf(bytes).mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
}
