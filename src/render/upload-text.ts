import type { ChartReport } from '../verification/chart-report.ts';
import { signerLines } from './chart-text.ts';
import { entryUrl } from './json.ts';
import { lines } from './chart-text.ts';
import { formatTime } from '../encoding.ts';

/**
 * What came of an upload: a new entry, one that was there already, a new one that the log does not prove, or nothing
 * because the chart is not good.
 */
export type UploadOutcome = 'created' | 'exists' | 'unproven' | 'refused';

/** The text of an upload; for a new entry an empty line and the line of the Go plugin, to the byte. */
export function uploadedText(
  outcome: UploadOutcome,
  { entry, signer, warnings }: ChartReport,
  server: string,
): string {
  if (entry === undefined) return '';
  const place = `at index ${entry.logIndex}, available at: ${entryUrl(server, entry.id.text)}`;
  return lines([
    ...(outcome === 'created' ? ['', `Created Helm entry ${place}`] : [`Helm entry already exists ${place}`]),
    ...(signer ? signerLines(signer) : []),
    `Logged At: ${formatTime(entry.integratedTime)}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ]);
}
