import type { ErrorCode } from '../errors.ts';

/**
 * What a run says to a script:
 * 0 done; 1 a defect of ours, an answer that could not be written, or Helm's own error; 2 usage; 3 a local file; 4 not found; 5 could not check;
 * 10 rejected.
 */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 10;

/** The exit status of every error code. */
export const EXIT_STATUS: Record<ErrorCode, ExitStatus> = {
  INTERNAL: 1,
  // The results did not reach the user, so no other status would be true.
  OUTPUT: 1,
  USAGE: 2,
  INPUT: 3,
  NOT_FOUND: 4,
  LOG_UNREACHABLE: 5,
  LOG_ANSWER: 5,
  LOG_REFUSED: 5,
  LOG_UNTRUSTED: 5,
  UNCHECKED: 5,
  REJECTED: 10,
};

const WORST_FIRST: readonly ExitStatus[] = [1, 2, 10, 3, 5, 4, 0];

/** The status of a run over several charts: the worst one; 0 without charts. */
export function worstStatus(statuses: readonly ExitStatus[]): ExitStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 0;
}
