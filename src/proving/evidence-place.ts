import type { ChartFiles } from '../chart/chart-files.ts';
import { LocalChart } from '../chart/local-chart.ts';
import { UsageError } from '../errors.ts';
import { evidencePath } from '../evidence/evidence.ts';
import type { Settings } from '../settings/settings.ts';

/** Where the evidence of a chart goes; undefined: nowhere. */
export type EvidencePlace = (chart: ChartFiles) => string | undefined;

/**
 * Where the settings want the evidence of charts: beside each that is a file, or at one path.
 * @throws UsageError if one path is named for several charts
 */
export function evidencePlaceOf(
  settings: Settings<'evidence'>,
  { length }: { readonly length: number },
): EvidencePlace {
  const named = settings.one('evidence');
  if (named === undefined)
    return (chart) => (chart instanceof LocalChart ? evidencePath(chart.label) : undefined);
  if (length !== 1)
    throw new UsageError('--evidence names the evidence of one chart, but several charts were given');
  return () => named;
}
