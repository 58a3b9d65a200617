import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import type { Descriptor } from '../../registry/descriptor.ts';
import type { ImageManifest } from '../../registry/manifest.ts';

/** What a chart in a registry consists of. */
export interface ChartLayers {
  readonly archive: Descriptor;
  readonly provenance?: Descriptor;
}

/** The media types that Helm gives to the parts of a chart. */
const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
/** The second is the one of Helm before version 3.7, and still read. */
const ARCHIVES = ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'application/tar+gzip'];
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** The parts of the chart that a manifest is. @throws MalformedError if it is no chart, or has a part twice */
export function chartLayersOf({ config, layers }: Pick<ImageManifest, 'config' | 'layers'>): ChartLayers {
  if (config.mediaType !== CONFIG)
    throw new MalformedError(`it is no Helm chart: its configuration is ${excerpt(config.mediaType)}`);
  const archives = layers.filter(({ mediaType }) => ARCHIVES.includes(mediaType));
  const provenances = layers.filter(({ mediaType }) => mediaType === PROVENANCE);
  const [archive] = archives;
  const [provenance] = provenances;
  // Which of two Helm takes depends on its version.
  if (archive === undefined || archives.length > 1)
    throw new MalformedError(`expected one archive in it, found ${archives.length}`);
  if (provenances.length > 1)
    throw new MalformedError(`expected at most one provenance in it, found ${provenances.length}`);
  return { archive, ...(provenance && { provenance }) };
}
