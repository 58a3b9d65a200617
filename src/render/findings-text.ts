import { printable } from './printable.ts';

/** What an examination found about one thing. */
export interface Finding {
  readonly subject: string;
  readonly level: 'ok' | 'warning' | 'failed';
  /** For people; lower case, no full stop. */
  readonly found: string;
  /** The one thing to do about it; lower case, no full stop. */
  readonly remedy?: string | undefined;
}

/** A line for each finding, and one more for a remedy. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ subject, level, found, remedy }) => {
      const line = `${level.padEnd(8)} ${subject.padEnd(width)}  ${printable(found)}\n`;
      return remedy === undefined ? line : `${line}${' '.repeat(11 + width)}${printable(remedy)}\n`;
    })
    .join('');
}
