import type { ChartReport } from '../verification/chart-report.ts';
import { signerLines } from './chart-text.ts';
import { entryUrl } from './json.ts';
import { lines } from './chart-text.ts';
import { formatTime } from '../encoding.ts';

/** The text of an upload; for a new entry an empty line and the line of the Go plugin, to the byte. */
export function uploadedText(
  outcome: 'created' | 'exists' | 'refused',
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
