import type { Diagnosis } from '../errors.ts';
import type { ChartReport } from '../verification/chart-report.ts';
import type { Check } from '../verification/checks.ts';

/** The error that ends a run over a chart that is not verified; undefined when it is. */
export function diagnosisOf(report: ChartReport, name: string, server: string): Diagnosis | undefined {
  switch (report.verdict) {
    case 'verified':
      return undefined;
    case 'not-found':
      return {
        code: 'NOT_FOUND',
        message: `no entry for ${name} and its signature in ${server}${othersInWords(report)}`,
        hint: 'its publisher can log it with helm sigstore upload',
      };
    case 'unchecked': {
      const consistency = report.checks.find(({ id }) => id === 'consistency');
      return {
        code: 'UNCHECKED',
        message: `${name}: consistency was required and is skipped: ${consistency?.detail ?? ''}`,
      };
    }
    case 'rejected': {
      const failure = report.checks.find(({ outcome }) => outcome === 'failed');
      return failure === undefined
        ? { code: 'REJECTED', message: `${name} is rejected` }
        : rejection(failure, name);
    }
  }
}

/** The error of a failed check. */
export function rejection({ id, detail, expected, found, hint }: Check, name: string): Diagnosis {
  const compared = expected === undefined ? '' : `: expected ${expected}, found ${found ?? 'nothing'}`;
  return {
    code: 'REJECTED',
    message: `${name}: ${id}: ${detail}${compared}`,
    ...(hint !== undefined && { hint }),
  };
}

function othersInWords({ others }: ChartReport): string {
  if (others.length === 0) return '';
  return others.length === 1
    ? ' (one other entry names this archive)'
    : ` (${others.length} other entries name this archive)`;
}
