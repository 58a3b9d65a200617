import type { ChartFiles } from '../chart/chart-files.ts';
import type { Described } from '../chart/archive/description.ts';
import { InputError } from '../errors.ts';
import type { VerifiedChart } from './evidence-verifier.ts';

/** Which chart it is, and what it says of itself, by its Chart.yaml. */
export interface DescribedChart {
  readonly name: string;
  readonly version: string;
  readonly description: Readonly<Record<string, Described>>;
}

/**
 * What the Chart.yaml of a verified chart says, for the index of a mirror.
 * @throws InputError if Helm would not take it for a chart, it is another archive than the one that was judged, or its name is
 * not the one that was signed
 */
export async function describeVerified(
  chart: ChartFiles,
  { judged, archive, report }: VerifiedChart,
): Promise<DescribedChart> {
  // With the reader of YAML.
  const { describeChart } = await import('../chart/archive/description.ts');
  const place = `Chart.yaml in ${chart.label}`;
  if (judged !== undefined) {
    const { name, version, metadata } = await judged.packed();
    return { name, version, description: describeChart(metadata, place) };
  }
  const { parseChartYaml } = await import('../chart/archive/metadata.ts');
  const { metadata, sha256 } = await (await chart.archive()).open();
  if (sha256 !== archive.sha256) throw new InputError(`${chart.label} was changed while it was read`);
  const { name, version } = parseChartYaml(metadata, place);
  const signedName = report.evidence.statement?.signedName;
  if (signedName !== `${name}-${version}.tgz`)
    throw new InputError(
      `${chart.label} was signed as ${signedName ?? 'nothing'}, and its Chart.yaml is that of ${name}-${version}.tgz`,
      'an index can list a chart by one name alone: ask its publisher to sign it by the name that it has',
    );
  return { name, version, description: describeChart(metadata, place) };
}
