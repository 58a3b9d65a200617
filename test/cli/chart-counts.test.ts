import { describe, expect, it } from 'vitest';
import { ChartCounts } from '../../src/cli/chart-counts.ts';
import { EXIT_STATUS, type ExitStatus } from '../../src/cli/exit-status.ts';

function counted(...statuses: readonly ExitStatus[]): ChartCounts {
  const counts = new ChartCounts();
  for (const status of statuses) counts.add(status);
  return counts;
}

describe('the counts of many charts', () => {
  it('know what came of how many, and the status of the worst', () => {
    const counts = counted(0, 4, 0, 3, 5, 10, 0);
    expect(counts.members).toEqual({
      good: 3,
      rejected: 1,
      notFound: 1,
      unreadable: 1,
      notChecked: 1,
      failed: 0,
    });
    expect(counts.worst).toBe(10);
    expect(counts.inWords('verified')).toBe(
      '3 verified, 1 rejected, 1 not found, 1 unreadable, 1 not checked',
    );
  });

  it('are without words for what did not happen', () => {
    expect(counted(0, 0).inWords('logged')).toBe('2 logged');
    expect(counted().worst).toBe(0);
  });

  it('have a place for every status', () => {
    for (const status of Object.values(EXIT_STATUS))
      expect(Object.values(counted(status).members).reduce((sum, count) => sum + count)).toBe(1);
  });
});
