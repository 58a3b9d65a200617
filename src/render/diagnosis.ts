import { hintFor, type Audience, type Diagnosis } from '../errors.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { Check } from '../verification/checks.ts';

/**
 * The error that ends a run over a chart that is not verified, with a hint for this reader. Undefined if the
 * chart is verified, or if another error says why there is no verdict.
 * @param explaining the command that shows every rule about it; false: they were just shown
 */
export function diagnosisOf(
  report: ChartReport,
  name: string,
  server: string,
  audience?: Audience,
  explaining: string | false = EXPLAINING,
): Diagnosis | undefined {
  switch (report.verdict) {
    case 'verified':
      return undefined;
    case 'not-found':
      return {
        code: 'NOT_FOUND',
        message: `no entry for ${name} and its signature in ${server}${othersInWords(report)}`,
        hint: 'ask its publisher to log it with helm sigstore upload',
      };
    case 'unchecked':
      return (
        report.lacking && {
          code: 'UNCHECKED',
          message: `${name}: ${report.lacking.id} was required and is skipped: ${report.lacking.detail}`,
          hint: HINT_WHERE_SKIPPED[report.lacking.id] ?? 'do without what requires it',
        }
      );
    case 'rejected':
      return rejection(report.evidence.failure, name, audience);
    case 'refused':
      return {
        code: 'REJECTED',
        message: `${name}: the policy refuses it: ${report.ruling.reason}`,
        ...(explaining !== false && { hint: `${explaining} shows every rule, and what each signer lacks` }),
      };
    case 'warned':
    case 'pinned':
    case 'allowed':
      // Where a proof is needed, what a policy lets pass is not enough.
      return {
        code: 'REJECTED',
        message: `${name}: nothing proves it, though the policy lets it pass: ${report.ruling.reason}`,
      };
  }
}

const EXPLAINING = 'helm sigstore policy explain, with the same chart and options,';

/** What to do about a check that was required and could not be made. */
const HINT_WHERE_SKIPPED: Readonly<Partial<Record<Check['id'], string>>> = {
  consistency:
    'bring the history of an earlier run; if you trust the log as it is now, helm sigstore log info remembers it',
  'inclusion-proof': 'ask the publisher for a bundle with a proof, such as cosign 3 and later makes',
};

/** The error of a failed check, with a hint for this reader. */
export function rejection(
  { id, detail, expected, found, hint: hints }: Check,
  name: string,
  audience: Audience = 'consumer',
): Diagnosis {
  const hint = hintFor(hints, audience);
  const compared = expected === undefined ? '' : `: expected ${expected}, found ${found ?? 'nothing'}`;
  return {
    code: 'REJECTED',
    message: `${name}: ${id}: ${detail}${compared}`,
    ...(hint !== undefined && { hint }),
  };
}

/** The error for a chart that had already been sent when the run was interrupted. */
export function inDoubt(path: string): Diagnosis {
  return {
    code: 'UNCHECKED',
    message: `${path} was sent, and interrupted before the log proved that it has it`,
    hint: 'upload it again, which does no harm',
  };
}

function othersInWords({ others, othersNotShown }: ChartReport): string {
  const count = others.length + othersNotShown;
  if (count === 0) return '';
  return count === 1
    ? ' (one other entry names this archive)'
    : ` (${count} other entries name this archive)`;
}
