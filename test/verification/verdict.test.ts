import { describe, expect, it } from 'vitest';
import { CHECK_IDS, DEPENDS_ON, makeChecks, passed, skipped } from '../../src/verification/checks.ts';
import type { Check, CheckId } from '../../src/verification/checks.ts';
import { proveComplete } from '../../src/verification/verdict.ts';

function allPassed(): Check[] {
  return CHECK_IDS.map((id) => ({ id, outcome: 'passed', detail: 'good' }));
}

describe('the proof of a verified entry', () => {
  it('is every check, passed', () => {
    expect(proveComplete(allPassed())).toHaveLength(13);
  });

  it('is none without checks', () => {
    expect(proveComplete([])).toBeUndefined();
  });

  it.each(CHECK_IDS)('is none without %s', (id) => {
    expect(proveComplete(allPassed().filter((check) => check.id !== id))).toBeUndefined();
  });

  it.each(CHECK_IDS)('is none when %s failed', (id) => {
    const checks = allPassed().map((check) =>
      check.id === id ? { ...check, outcome: 'failed' as const } : check,
    );
    expect(proveComplete(checks)).toBeUndefined();
  });

  it.each(CHECK_IDS.filter((id) => id !== 'consistency'))('is none when %s was skipped', (id) => {
    const checks = allPassed().map((check) => (check.id === id ? { id, ...skipped('for fun') } : check));
    expect(proveComplete(checks)).toBeUndefined();
  });

  it('is there when consistency alone was skipped', () => {
    const checks = allPassed().map((check) =>
      check.id === 'consistency' ? { id: check.id, ...skipped('no checkpoint seen before') } : check,
    );
    expect(proveComplete(checks)).toBeDefined();
  });

  it('is none with an unknown check beside the others', () => {
    const unknown = { id: 'moon-phase' as CheckId, ...passed('full') };
    expect(proveComplete([...allPassed(), unknown])).toBeUndefined();
  });

  it('is none with an unknown check in place of another', () => {
    const checks = allPassed().map((check) =>
      check.id === 'log-key' ? { ...check, id: 'moon' as CheckId } : check,
    );
    expect(proveComplete(checks)).toBeUndefined();
  });

  it.each(CHECK_IDS)('is none with %s twice and another one missing', (id) => {
    const other = CHECK_IDS.find((each) => each !== id);
    const checks = allPassed().map((check) => (check.id === other ? { ...check, id } : check));
    expect(proveComplete(checks)).toBeUndefined();
  });
});

describe('the making of checks', () => {
  it('skips what depends on a check that did not pass, and says on which', async () => {
    const made = await makeChecks(
      {
        'log-key': () => skipped('no reason'),
        'inclusion-promise': () => passed('never made'),
        'log-time': () => passed('never made'),
      },
      ['log-key', 'inclusion-promise', 'log-time'],
    );
    expect(made.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['skipped', 'no reason'],
      ['skipped', 'depends on log-key'],
      ['skipped', 'depends on inclusion-promise'],
    ]);
  });

  it('does not take a defect of ours for a verdict', async () => {
    const made = makeChecks(
      {
        'log-key': () => {
          throw new TypeError('a defect');
        },
      },
      ['log-key'],
    );
    await expect(made).rejects.toThrow(TypeError);
  });

  it.each(CHECK_IDS)('of %s comes after the making of what it depends on', (id) => {
    for (const needed of DEPENDS_ON[id])
      expect(CHECK_IDS.indexOf(needed)).toBeLessThan(CHECK_IDS.indexOf(id));
  });
});
