import { describe, expect, it } from 'vitest';
import { EXIT_STATUS, worstStatus, type ExitStatus } from '../../src/cli/exit-status.ts';

describe('exit status', () => {
  it('is the documented one for every error code', () => {
    expect(EXIT_STATUS).toEqual({
      INTERNAL: 1,
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
    });
  });

  it.each<[readonly ExitStatus[], ExitStatus]>([
    [[], 0],
    [[0, 0], 0],
    [[0, 4], 4],
    [[4, 5, 0], 5],
    [[5, 3], 3],
    [[3, 10, 5, 4], 10],
    [[10, 1], 1],
  ])('of several charts %j is the worst, %i', (statuses, worst) => {
    expect(worstStatus(statuses)).toBe(worst);
  });
});
