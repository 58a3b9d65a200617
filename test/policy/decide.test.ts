import { describe, expect, expectTypeOf, it } from 'vitest';
import { LogError } from '../../src/errors.ts';
import type { Signer } from '../../src/openpgp/key-lifetime.ts';
import type { ChartReport } from '../../src/policy/chart-report.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Decision } from '../../src/policy/decision.ts';
import { requirementsFor, type Requirements } from '../../src/policy/requirements.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';
import { failed, skipped, type CheckId } from '../../src/verification/checks.ts';
import type { RekorReport } from '../../src/verification/entry-report.ts';
import { reportOn, type Proven } from '../../src/verification/evidence-report.ts';
import { checkOf } from '../../src/verification/make-checks.ts';
import { CHECK_IDS, LOCAL_CHECK_IDS, OPENPGP_REKOR } from '../../src/verification/openpgp-rekor.ts';

const LAX: Requirements = {
  signers: [],
  signedName: undefined,
  allowWeak: false,
  consistency: 'if-known',
};
const STRICT: Requirements = { ...LAX, consistency: 'required' };

const life = { fingerprint: 'aa', created: 1, expires: undefined, revocations: [] };
const signer: Signer = {
  primaryFingerprint: 'aa',
  signingFingerprint: 'aa',
  userIds: [],
  algorithm: 'Ed25519',
  keys: [],
  maySign: true,
  primary: life,
  signing: life,
};

function entryAt(logIndex: number): LoggedEntry {
  return {
    body: new Uint8Array(),
    id: { text: `${logIndex}`.padStart(64, '0'), leafHash: '' },
    logId: '',
    proof: { index: logIndex, size: 9, rootHash: new Uint8Array(32), hashes: [], checkpoint: '' },
    time: { integratedTime: 1_000 + logIndex, logIndex, signature: new Uint8Array() },
  };
}

/** A report on an entry in which these checks did not pass. */
function report(logIndex: number, bad: Partial<Record<CheckId, 'failed' | 'skipped'>> = {}): RekorReport {
  const results = { failed: failed('bad'), skipped: skipped('no checkpoint seen before') };
  const checks = CHECK_IDS.map((id) => checkOf(id, bad[id] ? results[bad[id]] : good));
  return {
    ...reportOn(OPENPGP_REKOR, checks),
    source: 'log',
    entry: entryAt(logIndex),
    signer,
    warnings: [],
  };
}

const good = { outcome: 'passed', detail: 'good' } as const;

const absent: RekorReport = {
  kind: 'absent',
  profile: 'openpgp-rekor',
  source: 'log',
  checks: CHECK_IDS.map((id) =>
    checkOf(id, LOCAL_CHECK_IDS.some((local) => local === id) ? good : skipped('no entry')),
  ),
  signer,
  warnings: [],
};

const unchecked: RekorReport = {
  ...absent,
  kind: 'unchecked',
  error: new LogError('LOG_UNREACHABLE', 'no answer'),
};

const firstSeen = { consistency: 'skipped' } as const;
const contradicted = { consistency: 'failed' } as const;
const forged = { 'inclusion-proof': 'failed' } as const;
const forgedEarly = { 'entry-kind': 'failed', 'log-key': 'failed' } as const;

interface Case {
  readonly evidences: readonly [RekorReport, ...RekorReport[]];
  readonly requirements?: Requirements;
  readonly verdict: Decision['verdict'];
  /** The log index of the entry that counts. */
  readonly counts?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'an entry that holds': { evidences: [report(1)], verdict: 'verified', counts: 1 },
  'an entry that does not hold': { evidences: [report(1, forged)], verdict: 'rejected', counts: 1 },
  'no entry': { evidences: [absent], verdict: 'not-found' },
  'no entry beside one that holds': { evidences: [absent, report(1)], verdict: 'verified', counts: 1 },
  'no entry beside one that does not': {
    evidences: [absent, report(1, forged)],
    verdict: 'rejected',
    counts: 1,
  },
  'a forged entry before one that holds': {
    evidences: [report(1, forged), report(2)],
    verdict: 'verified',
    counts: 2,
  },
  'two that hold, the later one first': {
    evidences: [report(2), report(1)],
    verdict: 'verified',
    counts: 1,
  },
  'two forged ones, of which one came further': {
    evidences: [report(1, forgedEarly), report(2, forged)],
    verdict: 'rejected',
    counts: 2,
  },
  'a log that contradicts itself, beside an entry that holds': {
    evidences: [report(1), report(2, contradicted)],
    verdict: 'rejected',
    counts: 2,
  },
  'a log that did not answer': { evidences: [unchecked], verdict: 'unchecked' },
  'the same after an entry that does not hold: one that was not seen may': {
    evidences: [report(1, forged), unchecked],
    verdict: 'unchecked',
  },
  'the same after an entry that holds: another tree may contradict it': {
    evidences: [report(1), unchecked],
    verdict: 'unchecked',
  },
  'the same after the log contradicted itself, which nothing undoes': {
    evidences: [unchecked, report(2, contradicted)],
    verdict: 'rejected',
    counts: 2,
  },
  'a log that is seen for the first time': {
    evidences: [report(1, firstSeen)],
    verdict: 'verified',
    counts: 1,
  },
  'the same where consistency is required': {
    evidences: [report(1, firstSeen)],
    requirements: STRICT,
    verdict: 'unchecked',
    counts: 1,
  },
  'consistency is required, and a later entry has it': {
    evidences: [report(1, firstSeen), report(2)],
    requirements: STRICT,
    verdict: 'verified',
    counts: 2,
  },
  'consistency is not required, and a later entry has it': {
    evidences: [report(1, firstSeen), report(2)],
    verdict: 'verified',
    counts: 1,
  },
  'consistency is required, and the one entry is forged': {
    evidences: [report(1, { ...forged, ...firstSeen })],
    requirements: STRICT,
    verdict: 'rejected',
    counts: 1,
  },
};

describe('the decision on a chart', () => {
  it.each(Object.entries(CASES))('%s', (_, { evidences, requirements = LAX, verdict, counts }) => {
    const decision = decide(evidences, requirements);
    expect(decision.verdict).toBe(verdict);
    expect(decision.evidence.entry?.time.logIndex).toBe(counts);
  });

  it('names the check that was required and is skipped', () => {
    expect(decide([report(1, firstSeen)], STRICT)).toMatchObject({
      lacking: { id: 'consistency', detail: 'no checkpoint seen before' },
    });
  });
});

describe('what is required of a chart in an index', () => {
  const expected = { names: ['hello'], version: '0.1.0', signedName: 'hello-0.1.0.tgz' };

  it('is the name that the index gives it', () => {
    expect(requirementsFor(expected, LAX)).toEqual({ ...LAX, expected, signedName: 'hello-0.1.0.tgz' });
  });

  it('is the name that the user gives it, if there is one', () => {
    const own = { ...LAX, signedName: 'other-0.1.0.tgz' };
    expect(requirementsFor(expected, own).signedName).toBe('other-0.1.0.tgz');
  });
});

it('a verdict without its checks does not compile', () => {
  const rest = { signedAt: 0, evidences: [absent] as const, others: [], othersNotShown: 0 };
  // @ts-expect-error -- verified needs proven evidence
  const bare: ChartReport = { verdict: 'verified', checks: [], ...rest };
  // @ts-expect-error -- nobody but reportOn makes complete checks
  const forgedProof: Proven<'openpgp-rekor'> = { kind: 'proven', profile: 'openpgp-rekor', checks: [] };
  expect([bare, forgedProof]).toHaveLength(2);
  expectTypeOf<Proven<'rekor-entry'>>().not.toExtend<Proven<'openpgp-rekor'>>();
  expectTypeOf<Extract<ChartReport, { verdict: 'verified' }>['evidence']>().toExtend<
    Proven<'openpgp-rekor'> | Proven<'openpgp-bundle'> | Proven<'sigstore-certificate' | 'sigstore-key'>
  >();
});
