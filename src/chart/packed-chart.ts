import { InputError } from '../errors.ts';
import type { Archive } from './archive/archive.ts';
import type { ChartContents } from './archive/chart-contents.ts';
import type { MetadataFiles } from './archive/chart-yaml.ts';
import type { ChartFiles } from './chart-files.ts';
import { parseChartYaml, type ChartMetadata } from './archive/metadata.ts';

/** Which chart an archive is, by what is in it. */
export interface PackedChart extends ChartMetadata, Seen {}

/** What was seen in an archive. */
interface Seen {
  /** All that says so. */
  readonly metadata: MetadataFiles;
  /** Which charts are in it, if that was asked for. */
  readonly contents?: ChartContents;
}

/** What is looked for in an archive: which chart it is, or which charts are in it as well. */
export type Depth = 'chart' | 'subcharts';

/**
 * Which chart an archive is, by what is in it, as Helm reads it.
 * @param archive the same one, as it was when it was read before
 * @throws InputError if it cannot be read, has changed since, or Helm would not take it for a chart
 */
export async function readPackedChart(
  chart: Pick<ChartFiles, 'label' | 'archive'>,
  archive: Pick<Archive, 'sha256'>,
  depth: Depth = 'chart',
): Promise<PackedChart> {
  const found = await chart.archive();
  const opened: Seen & Pick<Archive, 'sha256'> =
    depth === 'chart' ? await found.open() : await found.unpack();
  if (opened.sha256 !== archive.sha256) throw new InputError(`${chart.label} was changed while it was read`);
  return { ...parseChartYaml(opened.metadata, `Chart.yaml in ${chart.label}`), ...lookedAt(opened) };
}

function lookedAt({ metadata, contents }: Seen): Seen {
  return contents === undefined ? { metadata } : { metadata, contents };
}
