import { describe, expect, it } from 'vitest';
import { ChartCounts } from '../../src/cli/chart-counts.ts';
import { EXIT_STATUS, type ExitStatus } from '../../src/cli/exit-status.ts';

function counted(...statuses: readonly ExitStatus[]): ChartCounts {
  const counts = new ChartCounts({ good: 'verified' });
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
    expect(counts.inWords).toBe('3 verified, 1 rejected, 1 not found, 1 unreadable, 1 not checked');
  });

  it('are without words for what did not happen', () => {
    expect(counted(0, 0).inWords).toBe('2 verified');
    expect(counted().worst).toBe(0);
  });

  it('tell those that were there already from those that were made now', () => {
    const counts = new ChartCounts({ good: 'logged', wasThere: 'already there' });
    expect(counts.members['exists']).toBe(0);
    for (const wasThere of [false, true, true]) counts.add(0, wasThere);
    counts.add(3);
    expect(counts.members).toMatchObject({ good: 3, exists: 2, unreadable: 1 });
    expect(counts.inWords).toBe('1 logged, 2 already there, 1 unreadable');
    expect(counted(0).members).not.toHaveProperty('exists');
  });

  it('name those that a log refused, or did not answer for, as the command says it', () => {
    const counts = new ChartCounts({ good: 'logged', unchecked: 'not known to be logged' });
    for (const status of [0, 5, 5] as const) counts.add(status);
    expect(counts.inWords).toBe('1 logged, 2 not known to be logged');
    expect(counts.members['notChecked']).toBe(2);
  });

  it('have a place for every status', () => {
    for (const status of Object.values(EXIT_STATUS))
      expect(Object.values(counted(status).members).reduce((sum, count) => sum + count)).toBe(1);
  });
});
