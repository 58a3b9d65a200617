import { formatTime } from '../encoding.ts';
import type { KeptEvidence } from '../evidence/write.ts';
import type { ProvenEntry } from '../verification/entry-report.ts';
import { archiveLines, signerLines, type ReportedArchive } from './chart-text.ts';

/** Where the evidence of a chart is kept, or why it is not. */
export function keptLines(kept: KeptEvidence): string[] {
  return kept.outcome === 'not-written'
    ? [`Warning: no evidence was written: ${kept.problem.message}`]
    : [`Evidence: ${kept.path}`];
}

/** The same for JSON. */
export function keptMembers(kept: KeptEvidence): Record<string, unknown> {
  const { outcome, path } = kept;
  return { path, outcome, ...(kept.outcome === 'not-written' && { reason: kept.problem.message }) };
}

/** The text of a chart whose evidence was written, or was there already. */
export function evidenceText(
  kept: Exclude<KeptEvidence, { outcome: 'not-written' }>,
  { entry, signer, warnings }: ProvenEntry,
  archive: ReportedArchive,
  server: string,
): string[] {
  return [
    `${HEADINGS[kept.outcome]}: ${kept.path}`,
    '',
    `Rekor Server: ${server}`,
    `Rekor UUID: ${entry.id.text}`,
    ...archiveLines(archive),
    ...signerLines(signer),
    `Logged At: ${formatTime(entry.time.integratedTime)}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

const HEADINGS = { written: 'Evidence Written', unchanged: 'Evidence Already There' } as const;
