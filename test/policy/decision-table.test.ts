import { describe, expect, it } from 'vitest';
import { InputError, LogError } from '../../src/errors.ts';
import type { Signer } from '../../src/openpgp/key-lifetime.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Decision, Evidences } from '../../src/policy/decision.ts';
import { chartRule } from '../../src/policy/decide-by-rule.ts';
import { parseGlob } from '../../src/policy/glob.ts';
import type { SignerItem } from '../../src/policy/policy.ts';
import type { Requirements, RuleRequirements } from '../../src/policy/requirements.ts';
import type { Statement } from '../../src/verification/chart-checks.ts';
import { failed, skipped, type CheckId } from '../../src/verification/checks.ts';
import type { AbsentEntry, RekorReport } from '../../src/verification/entry-report.ts';
import { reportOn } from '../../src/verification/evidence-report.ts';
import { checkOf } from '../../src/verification/make-checks.ts';
import { CHECK_IDS, LOCAL_CHECK_IDS, OPENPGP_REKOR } from '../../src/verification/openpgp-rekor.ts';

const DAY = 24 * 60 * 60;
const NOW = 1000 * DAY;
const DIGEST = '5a'.repeat(32);
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

function signer(primaryFingerprint: string, signingFingerprint = primaryFingerprint): Signer {
  const life = { fingerprint: primaryFingerprint, created: 1, expires: undefined, revocations: [] };
  return {
    primaryFingerprint,
    signingFingerprint,
    userIds: [],
    keys: [],
    algorithm: 'Ed25519',
    maySign: true,
    primary: life,
    signing: { ...life, fingerprint: signingFingerprint },
  };
}

const SIGNED: Statement = { sha256: DIGEST, signedName: 'hello-1.0.0.tgz', signedAt: NOW - DAY };

interface Made {
  readonly by?: Signer;
  readonly bad?: Partial<Record<CheckId, 'failed' | 'skipped'>>;
  readonly statement?: Statement;
}

let index = 0;

/** A report on an entry. */
function entry({ by = signer(A), bad = {}, statement = SIGNED }: Made = {}): RekorReport {
  const results = { failed: failed('bad'), skipped: skipped('nothing to compare with') };
  index += 1;
  return {
    ...reportOn(
      OPENPGP_REKOR,
      CHECK_IDS.map((id) => checkOf(id, bad[id] ? results[bad[id]] : { outcome: 'passed', detail: 'good' })),
    ),
    source: 'log',
    entry: {
      body: new Uint8Array(),
      id: { text: `${index}`.padStart(64, '0'), leafHash: '' },
      logId: '',
      proof: { index, size: 999, rootHash: new Uint8Array(32), hashes: [], checkpoint: '' },
      time: { integratedTime: NOW - DAY, logIndex: index, signature: new Uint8Array() },
    },
    signer: by,
    statement,
    warnings: [],
  };
}

/** A report without an entry: local checks as they are given. */
function without(outcome: 'passed' | 'skipped', statement: Statement, by?: Signer): AbsentEntry {
  const local =
    outcome === 'passed' ? ({ outcome, detail: 'good' } as const) : skipped('there is no provenance');
  return {
    kind: 'absent',
    profile: 'openpgp-rekor',
    source: 'log',
    checks: CHECK_IDS.map((id) =>
      checkOf(id, LOCAL_CHECK_IDS.some((each) => each === id) ? local : skipped('no entry')),
    ),
    signer: by,
    statement,
    warnings: [],
  };
}

/** A report in which a local check failed. */
function locallyBad(bad: readonly CheckId[], statement: Statement = SIGNED): RekorReport {
  const checks = CHECK_IDS.map((id) =>
    checkOf(id, bad.includes(id) ? failed('bad') : skipped('depends on it')),
  );
  const report = reportOn(OPENPGP_REKOR, checks);
  if (report.kind !== 'refuted') throw new Error('it has to be refuted');
  return { ...report, source: 'log', signer: undefined, statement, warnings: [] };
}

const unlogged = without('passed', SIGNED, signer(A));
const unsigned = without('skipped', { sha256: DIGEST });
const unknown: Statement = { ...SIGNED, isSignerUnknown: true };

/** What there is for a chart. */
const EVIDENCE = {
  'proven, by A': [entry()],
  'proven, by a subkey of A': [entry({ by: signer(A, 'c'.repeat(40)) })],
  'proven, by B': [entry({ by: signer(B) })],
  'proven, by A and by B': [entry(), entry({ by: signer(B) })],
  'proven, by A twice': [entry(), entry()],
  'proven, by A and by B, who share a subkey': [
    entry({ by: signer(A, 'c'.repeat(40)) }),
    entry({ by: signer(B, 'c'.repeat(40)) }),
  ],
  'proven, by A and by B, of another archive': [
    entry(),
    entry({ by: signer(B), statement: { ...SIGNED, sha256: '00'.repeat(32) } }),
  ],
  'proven, by A and by B, under another name': [
    entry(),
    entry({ by: signer(B), statement: { ...SIGNED, signedName: 'hello-0.9.0.tgz' } }),
  ],
  'proven, by A, with nothing to compare with': [entry({ bad: { consistency: 'skipped' } })],
  'proven, by A, signed long ago': [entry({ statement: { ...SIGNED, signedAt: NOW - 400 * DAY } })],
  'proven, by A, and nobody knows when': [
    entry({ statement: { sha256: DIGEST, signedName: 'hello-1.0.0.tgz' } }),
  ],
  'an entry whose proof fails': [entry({ bad: { 'inclusion-proof': 'failed' } })],
  'an entry whose key was revoked': [entry({ bad: { 'signer-key': 'failed' } })],
  'a log that contradicts itself': [entry(), entry({ bad: { consistency: 'failed' } })],
  'a digest that fails': [locallyBad(['archive-digest'])],
  'a digest that fails, and a key that nobody knows': [
    locallyBad(['archive-digest', 'provenance-signature'], unknown),
  ],
  'a name that fails, and a key that nobody knows': [
    locallyBad(['archive-name', 'provenance-signature'], unknown),
  ],
  'a signature that fails': [locallyBad(['provenance-signature'])],
  'a signature by a key that nobody knows': [locallyBad(['provenance-signature'], unknown)],
  'signed by A, and not logged': [unlogged],
  'not signed': [unsigned],
  'a log that does not answer': [
    { ...unlogged, kind: 'unchecked', error: new LogError('LOG_UNREACHABLE', 'no answer') },
  ],
  'proven by A, and a log that does not answer for the rest': [
    entry(),
    { ...unlogged, kind: 'unchecked', error: new LogError('LOG_UNREACHABLE', 'no answer') },
  ],
  'an archive that cannot be read': [{ ...unlogged, kind: 'unchecked', error: new InputError('no archive') }],
} satisfies Record<string, Evidences>;

const at = { line: 1, column: 1 };
const byA: SignerItem = { kind: 'openpgp', fingerprint: A, at };
const byB: SignerItem = { kind: 'openpgp', fingerprint: B, at };
const byAny: SignerItem = { kind: 'any', at };
const byIdentity: SignerItem = {
  kind: 'identity',
  identity: parseGlob('*@acme.example') ?? { text: '', parts: [] },
  issuer: 'https://issuer.example',
  at,
};
const byKey: SignerItem = { kind: 'key', path: 'a.pem', at };
const pin = {
  kind: 'digest',
  sha256: DIGEST,
  until: NOW + 1,
  lastDay: 'then',
  reason: 'reviewed',
  at,
} as const;

const RULE: RuleRequirements = {
  name: 'r',
  level: 'enforce',
  keyIds: new Map(),
  signedBy: [byA],
  atLeast: 1,
  consistency: 'optional',
  proof: 'optional',
  now: NOW,
  isNarrowed: false,
  needsOpenpgp: false,
};
const NOBODY: RuleRequirements = { ...RULE, signedBy: [] };

/** Under what it is decided. */
const RULES = {
  'A, enforced': RULE,
  'A, warned of': { ...RULE, level: 'warn' },
  any: { ...RULE, signedBy: [byAny] },
  'A and B': { ...RULE, signedBy: [byA, byB], atLeast: 2 },
  'A and any': { ...RULE, signedBy: [byAny, byA], atLeast: 2 },
  'A and B, warned of': { ...RULE, level: 'warn', signedBy: [byA, byB], atLeast: 2 },
  'A, compared': { ...RULE, consistency: 'required', proof: 'required' },
  'A, compared, warned of': { ...RULE, level: 'warn', consistency: 'required' },
  'A, within a year': { ...RULE, notBefore: NOW - 365 * DAY },
  'A, within a year, warned of': { ...RULE, level: 'warn', notBefore: NOW - 365 * DAY },
  'the digest': { ...RULE, signedBy: [pin] },
  'the digest, and a flag': { ...RULE, signedBy: [pin], isNarrowed: true },
  'the digest, until yesterday': { ...RULE, signedBy: [{ ...pin, until: NOW }] },
  'another digest': { ...RULE, signedBy: [{ ...pin, sha256: '00'.repeat(32) }] },
  'A and the digest': { ...RULE, signedBy: [byA, pin], atLeast: 2 },
  'an identity or a managed key': { ...RULE, signedBy: [byIdentity, byKey] },
  'no rule, denied': NOBODY,
  'no rule, warned of': { ...NOBODY, level: 'warn' },
  'no rule, allowed': { ...NOBODY, level: 'allow' },
  'no rule, allowed, and a flag': { ...NOBODY, level: 'allow', isNarrowed: true },
  'unclear, which no level excuses': { ...NOBODY, level: 'allow', unclear: 'two readings' },
} as const satisfies Record<string, RuleRequirements>;

const [V, J, U, F, W, P, L] = [
  'verified',
  'rejected',
  'unchecked',
  'refused',
  'warned',
  'pinned',
  'allowed',
] as const;
type Row = readonly Decision['verdict'][];

/** A row for each evidence, a column for each rule, in their order. */
const TABLE: Readonly<Record<keyof typeof EVIDENCE, Row>> = {
  //                                             A  Aw any AB AA ABw Ac Acw Ay Ayw D  Df Dl D2 AD id N  Nw Na Naf un
  'proven, by A': [V, V, V, F, F, W, V, V, V, V, P, F, F, F, V, F, F, W, L, F, F],
  'proven, by a subkey of A': [V, V, V, F, F, W, V, V, V, V, P, F, F, F, V, F, F, W, L, F, F],
  'proven, by B': [F, W, V, F, F, W, F, W, F, W, P, F, F, F, F, F, F, W, L, F, F],
  'proven, by A and by B': [V, V, V, V, V, V, V, V, V, V, P, F, F, F, V, F, F, W, L, F, F],
  'proven, by A twice': [V, V, V, F, F, W, V, V, V, V, P, F, F, F, V, F, F, W, L, F, F],
  'proven, by A and by B, who share a subkey': [
    V,
    V,
    V,
    F,
    F,
    W,
    V,
    V,
    V,
    V,
    P,
    F,
    F,
    F,
    V,
    F,
    F,
    W,
    L,
    F,
    F,
  ],
  'proven, by A and by B, of another archive': [
    V,
    V,
    V,
    F,
    F,
    W,
    V,
    V,
    V,
    V,
    F,
    F,
    F,
    F,
    F,
    F,
    F,
    W,
    L,
    F,
    F,
  ],
  'proven, by A and by B, under another name': [
    V,
    V,
    V,
    F,
    F,
    W,
    V,
    V,
    V,
    V,
    P,
    F,
    F,
    F,
    V,
    F,
    F,
    W,
    L,
    F,
    F,
  ],
  'proven, by A, with nothing to compare with': [
    V,
    V,
    V,
    F,
    F,
    W,
    U,
    U,
    V,
    V,
    P,
    F,
    F,
    F,
    V,
    F,
    F,
    W,
    L,
    F,
    F,
  ],
  'proven, by A, signed long ago': [V, V, V, F, F, W, V, V, F, F, P, F, F, F, V, F, F, W, L, F, F],
  'proven, by A, and nobody knows when': [V, V, V, F, F, W, V, V, F, F, P, F, F, F, V, F, F, W, L, F, F],
  'an entry whose proof fails': [J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J],
  'an entry whose key was revoked': [J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J],
  'a log that contradicts itself': [J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J],
  'a digest that fails': [J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J],
  'a digest that fails, and a key that nobody knows': [
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
  ],
  'a name that fails, and a key that nobody knows': [
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
    J,
  ],
  'a signature that fails': [J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J],
  'a signature by a key that nobody knows': [F, W, F, F, F, W, F, W, F, W, P, F, F, F, F, F, F, W, L, F, F],
  'signed by A, and not logged': [F, W, F, F, F, W, F, W, F, W, P, F, F, F, F, F, F, W, L, F, F],
  'not signed': [F, W, F, F, F, W, F, W, F, W, P, F, F, F, F, F, F, W, L, F, F],
  'a log that does not answer': [U, U, U, U, U, U, U, U, U, U, P, U, U, U, U, U, U, U, L, U, U],
  'proven by A, and a log that does not answer for the rest': [
    U,
    U,
    U,
    U,
    U,
    U,
    U,
    U,
    U,
    U,
    P,
    U,
    U,
    U,
    U,
    U,
    U,
    U,
    L,
    U,
    U,
  ],
  'an archive that cannot be read': [U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U],
};

const FLAGS: Requirements = { signers: [], signedName: undefined, allowWeak: false, consistency: 'if-known' };

const CELLS = Object.entries(TABLE).flatMap(([evidence, row]) =>
  Object.keys(RULES).map((rule, column) => ({ evidence, rule, verdict: row[column] })),
);

describe('the decision under a rule', () => {
  it('is a cell for each evidence and each rule', () => {
    expect(Object.keys(TABLE)).toEqual(Object.keys(EVIDENCE));
    for (const row of Object.values(TABLE)) expect(row).toHaveLength(Object.keys(RULES).length);
  });

  it.each(CELLS)('$evidence; $rule: $verdict', ({ evidence, rule, verdict }) => {
    const evidences: Evidences = EVIDENCE[evidence as keyof typeof EVIDENCE];
    const requirements = { ...FLAGS, rule: chartRule(RULES[rule as keyof typeof RULES]) };
    expect(decide(evidences, requirements).verdict).toBe(verdict);
    // The order in which evidence was found makes no difference.
    const [last, ...others] = [...evidences].reverse();
    if (last !== undefined) expect(decide([last, ...others], requirements).verdict).toBe(verdict);
  });

  it.each(CELLS.filter(({ verdict }) => verdict === 'verified'))(
    '$evidence; $rule: what is verified is proven by one who counts',
    ({ evidence, rule }) => {
      const decision = decide(EVIDENCE[evidence as keyof typeof EVIDENCE], {
        ...FLAGS,
        rule: chartRule(RULES[rule as keyof typeof RULES]),
      });
      expect(decision).toMatchObject({ verdict: 'verified', evidence: { kind: 'proven' } });
      const { signedBy } = RULES[rule as keyof typeof RULES];
      const counts = signedBy.flatMap((item) => (item.kind === 'openpgp' ? item.fingerprint : []));
      if (!signedBy.some(({ kind }) => kind === 'any'))
        expect(counts).toContain(
          decision.evidence.profile === 'openpgp-rekor'
            ? decision.evidence.signer?.primaryFingerprint
            : undefined,
        );
    },
  );
});

describe('the ruling says what each item lacks', () => {
  const lacking = (evidences: Evidences, rule: Partial<RuleRequirements>) =>
    decide(evidences, { ...FLAGS, rule: chartRule({ ...RULE, ...rule }) }).ruling?.lacking.map(
      ({ why }) => why,
    );

  it.each<[string, Evidences, Partial<RuleRequirements>, RegExp]>([
    ['an identity', [entry()], { signedBy: [byIdentity] }, /no signature by it is proven/],
    ['a managed key', [entry()], { signedBy: [byKey] }, /no signature by it is proven/],
    ['somebody else', [entry({ by: signer(B) })], {}, /no signature by it is proven/],
    [
      'another archive',
      [unsigned],
      { signedBy: [{ ...pin, sha256: '00'.repeat(32) }] },
      /has another digest/,
    ],
    ['a digest of yesterday', [unsigned], { signedBy: [{ ...pin, until: NOW }] }, /it counted until then/],
    [
      'one who counts for another item',
      [entry()],
      { signedBy: [byA, byAny], atLeast: 2 },
      /each signer counts once/,
    ],
    ['an old signature', [entry()], { notBefore: NOW }, /is too old/],
  ])('%s', (_, evidences, rule, says) => {
    expect(lacking(evidences, rule)?.at(-1)).toMatch(says);
  });
});
