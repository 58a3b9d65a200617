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
export function findingsText(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings.flatMap(({ subject, level, found, remedy }) => [
    `${level.padEnd(8)} ${subject.padEnd(width)}  ${found}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(11 + width)}${remedy}`]),
  ]);
}

/** A finding without its subject. */
export type Found = Omit<Finding, 'subject'>;

/** The finding that nothing is wrong. */
export function ok(found: string): Found {
  return { level: 'ok', found };
}

/** A finding that does not fail the run. @param remedy the one thing to do about it */
export function warning(found: string, remedy: string | undefined): Found {
  return { level: 'warning', found, ...(remedy !== undefined && { remedy }) };
}
