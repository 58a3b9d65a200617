import type { Sha256 } from '../../digest.ts';
import type { Descriptor } from '../../registry/descriptor.ts';
import { parseImageManifest } from '../../registry/manifest.ts';
import { chartLayersOf } from './oci-layers.ts';

/** What the image manifest of a chart says, on which a signature may be. */
export interface ChartImage {
  /** Of the bytes of the manifest. */
  readonly sha256: Sha256;
  /** Its one layer with an archive. */
  readonly archive: Descriptor;
  /** The name of the chart, as Helm annotates it; undefined: it does not say it. */
  readonly name: string | undefined;
  /** The version, likewise. */
  readonly version: string | undefined;
}

/**
 * What the image manifest of a chart says of the chart (image specification 1.1, "Image Manifest" and "Pre-Defined Annotation Keys").
 * @throws MalformedError if it is none of a chart, or an index, or has two archives
 */
export function readChartImage(bytes: Uint8Array): ChartImage {
  const manifest = parseImageManifest(bytes);
  const { annotations, digest } = manifest;
  return {
    sha256: digest,
    archive: chartLayersOf(manifest).archive,
    name: annotations.get('org.opencontainers.image.title'),
    version: annotations.get('org.opencontainers.image.version'),
  };
}
