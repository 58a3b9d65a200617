import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, MalformedError } from '../../src/errors.ts';
import { failed, passed, skipped, type Check, type CheckId } from '../../src/verification/checks.ts';
import { proveComplete as prove, reportOn } from '../../src/verification/evidence-report.ts';
import { check, makeChecks } from '../../src/verification/make-checks.ts';
import { CHECK_IDS, OPENPGP_REKOR } from '../../src/verification/openpgp-rekor.ts';

function proveComplete(checks: readonly Check[]): readonly Check[] | undefined {
  return prove(OPENPGP_REKOR, checks);
}

function allPassed(): Check[] {
  return CHECK_IDS.map((id) => ({ id, outcome: 'passed', detail: 'good' }));
}

describe('the proof of a verified entry', () => {
  it('is every check, passed', () => {
    expect(proveComplete(allPassed())).toHaveLength(CHECK_IDS.length);
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

/** Any list of checks, of our ids and of one that nobody knows. */
const anyChecks = fc.array(
  fc.record({
    id: fc.constantFrom(...CHECK_IDS, 'moon-phase' as CheckId),
    outcome: fc.constantFrom('passed', 'passed', 'skipped', 'failed'),
    detail: fc.constant('somehow'),
  }),
  { maxLength: CHECK_IDS.length + 2 },
);

/** The full list with some checks left out, doubled, or come to something else. */
const nearlyAll = fc
  .array(fc.tuple(fc.constantFrom('drop', 'double', 'skip', 'fail'), fc.nat(CHECK_IDS.length - 1)), {
    maxLength: 3,
  })
  .map((changes) =>
    changes.reduce<Check[]>((checks, [how, at]) => {
      const check = checks[at];
      if (check === undefined) return checks;
      if (how === 'drop') return checks.toSpliced(at, 1);
      if (how === 'double') return [...checks, check];
      return checks.with(at, { ...check, outcome: how === 'skip' ? 'skipped' : 'failed' });
    }, allPassed()),
  );

describe('proof of any list of checks', () => {
  it('is there only of each check once, passed, or of consistency skipped', () => {
    fc.assert(
      fc.property(fc.oneof(anyChecks, nearlyAll), (checks) => {
        const isWhole = CHECK_IDS.every((id) => checks.filter((check) => check.id === id).length === 1);
        const isGood = checks.every(
          ({ id, outcome }) => outcome === 'passed' || (outcome === 'skipped' && id === 'consistency'),
        );
        const isProof = isWhole && isGood && checks.length === CHECK_IDS.length;
        expect(proveComplete(checks) !== undefined).toBe(isProof);
      }),
    );
  });

  it('is there of no list where a profile wants nothing', () => {
    expect(prove({ name: 'nothing', checks: {} }, [])).toBeUndefined();
  });

  it('that lacks a check although none failed is a defect, and no verdict', () => {
    expect(() => reportOn(OPENPGP_REKOR, allPassed().slice(1))).toThrow(/^the checks of openpgp-rekor are/);
  });
});

describe('the making of checks', () => {
  it('hands a check the facts of those that it stands on, and no others', async () => {
    const { facts } = await makeChecks(
      {
        checkpoint: check([], () => passed('good', { origin: 'log', size: 5, rootHash: new Uint8Array(32) })),
        'log-time': check([], () => passed('good')),
        consistency: check(['checkpoint'], (_: object, given) => {
          expect(Object.keys(given)).toEqual(['checkpoint']);
          return passed(`of size ${given.checkpoint.size}`);
        }),
      },
      {},
    );
    expect(facts.checkpoint?.size).toBe(5);
  });

  it('keeps what a failed check found, and makes nothing that stands on it', async () => {
    const head = { origin: 'log', size: 5, rootHash: new Uint8Array(32) };
    const { checks, facts } = await makeChecks(
      {
        checkpoint: check([], () => ({ ...failed('bad'), fact: head })),
        consistency: check(['checkpoint'], () => passed('never made')),
      },
      {},
    );
    expect(facts.checkpoint).toBe(head);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['failed', 'skipped']);
    expect(checks[0]).not.toHaveProperty('fact');
  });

  it('takes a closer look only where all is good', async () => {
    let looks = 0;
    const lookCloser = async () => {
      looks++;
      return await Promise.resolve(failed('seen from near'));
    };
    const name = { ...check([], () => passed('good')), lookCloser };
    const bad = await makeChecks({ 'archive-name': name, 'log-time': check([], () => failed('bad')) }, {});
    expect(looks).toBe(0);
    expect(bad.checks[0]).toMatchObject({ outcome: 'passed' });
    const good = await makeChecks({ 'archive-name': name }, {});
    expect(good.checks).toMatchObject([{ id: 'archive-name', outcome: 'failed', detail: 'seen from near' }]);
  });

  it('gives no verdict on what may be a fault of a file at hand, only where no other check failed', async () => {
    const unjudged = new InputError('cannot judge it');
    const signature = check([], () => ({ ...failed('not whole'), unjudged }));
    const alone = await makeChecks({ 'provenance-signature': signature }, {});
    expect(alone).toMatchObject({ checks: [{ outcome: 'failed', detail: 'not whole' }] });
    expect(alone.unjudged).toBe(unjudged);
    const { checks, ...rest } = await makeChecks(
      { 'archive-name': check([], () => failed('bad')), 'provenance-signature': signature },
      {},
    );
    expect(checks[1]).not.toHaveProperty('unjudged');
    expect(rest).not.toHaveProperty('unjudged');
  });

  it('lets no check pass that a closer look could not make', async () => {
    const unjudged = new InputError('cannot be opened');
    const lookCloser = () => Promise.reject(unjudged);
    const made = await makeChecks({ 'archive-name': { ...check([], () => passed('good')), lookCloser } }, {});
    expect(made).toMatchObject({ checks: [{ outcome: 'skipped', detail: 'cannot be opened' }] });
    expect(made.unjudged).toBe(unjudged);
  });

  it('fails a check whose foreign bytes do not parse', async () => {
    const { checks } = await makeChecks(
      {
        'log-time': check([], () => {
          throw new MalformedError('no time');
        }),
      },
      {},
    );
    expect(checks).toMatchObject([{ outcome: 'failed', detail: 'no time' }]);
  });

  it('takes what stands on a check that comes later for a defect', async () => {
    const made = makeChecks(
      {
        consistency: check(['checkpoint'], () => passed('never made')),
        checkpoint: check([], () => passed('good', { origin: 'log', size: 5, rootHash: new Uint8Array() })),
      },
      {},
    );
    await expect(made).rejects.toThrow('checkpoint is stood on before it is made');
  });

  it('skips what depends on a check that did not pass, and says on which', async () => {
    const { checks } = await makeChecks(
      {
        'log-key': check([], () => skipped('no reason')),
        'inclusion-promise': check(['log-key'], () => passed('never made')),
        'log-time': check(['inclusion-promise'], () => passed('never made')),
      },
      {},
    );
    expect(checks.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['skipped', 'no reason'],
      ['skipped', 'depends on log-key'],
      ['skipped', 'depends on inclusion-promise'],
    ]);
  });

  it('does not take a defect of ours for a verdict', async () => {
    const made = makeChecks(
      {
        'log-time': check([], () => {
          throw new TypeError('a defect');
        }),
      },
      {},
    );
    await expect(made).rejects.toThrow(TypeError);
  });

  it.each(CHECK_IDS)('of %s comes after the making of what it depends on', (id) => {
    for (const needed of OPENPGP_REKOR.checks[id].standsOn)
      expect(CHECK_IDS.indexOf(needed)).toBeLessThan(CHECK_IDS.indexOf(id));
  });
});
