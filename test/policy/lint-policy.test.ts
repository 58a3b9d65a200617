import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintPolicy, type LintKind, type LintSurroundings } from '../../src/policy/lint-policy.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';

const FIXTURES = join(import.meta.dirname, 'lint');
const NOW = Date.parse('2026-06-01T00:00:00Z') / 1000;

const GOOD: LintSurroundings = {
  now: NOW,
  keys: [
    { fingerprint: 'a'.repeat(40), expires: NOW + 1 },
    { fingerprint: 'b'.repeat(40), expires: NOW },
  ],
  repositories: [{ name: 'gated', url: 'sigstore+https://charts.acme.example' }],
  downloaders: [
    { name: 'sigstore-getter', protocols: ['sigstore+https', 'sigstore+oci'], isOurs: true },
    { name: 's3', protocols: ['s3'], isOurs: false },
  ],
};

/** What a fixture lacks: it is around the policy. */
const AROUND: Partial<Record<LintKind, Partial<LintSurroundings>>> = {
  'plain-repository': { repositories: [{ name: 'acme', url: 'https://charts.acme.example' }] },
  'rival-plugin': { downloaders: [{ name: 'aaa', protocols: ['sigstore+https'], isOurs: false }] },
};

const KINDS = [
  'glob-over-refs',
  'key-expired',
  'key-not-in-keys',
  'pin-lapsed',
  'plain-repository',
  'pull-request-identity',
  'rival-plugin',
  'shadowed-rule',
  'warn-over-everything',
] as const satisfies LintKind[];

function findings(file: string, around: Partial<LintSurroundings> = {}) {
  const policy = parsePolicy(readFileSync(join(FIXTURES, file), 'utf8'));
  return lintPolicy(policy, { ...GOOD, ...around });
}

describe('each kind of mistake has a policy with just that', () => {
  it('all nine', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(
      [...KINDS.map((kind) => `${kind}.yaml`), 'none.yaml'].sort(),
    );
  });

  it.each(KINDS)('%s, in the lines that say so', (kind) => {
    const file = `${kind}.yaml`;
    const marked = readFileSync(join(FIXTURES, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (line.includes('# mistake') ? [index + 1] : []));
    const found = findings(file, AROUND[kind]);
    expect(found.map((each) => each.kind)).toEqual(found.map(() => kind));
    expect(found.length).toBeGreaterThan(0);
    if (AROUND[kind] === undefined) expect(found.map(({ at }) => at?.line)).toEqual(marked);
  });
});

it('a good policy has none', () => {
  expect(findings('none.yaml')).toEqual([]);
});

it('the largest policy is looked through, also if its patterns are made to be slow', () => {
  const charts = (from: number) =>
    Array.from({ length: 166 }, (_, n) => `"https://${'*a'.repeat(120)}${100 + from + n}**"`).join(', ');
  const rules = [0, 166, 332].map(
    (from) => `- {name: from ${from}, signedBy: any, charts: [${charts(from)}]}`,
  );
  const copy = `- {name: again, signedBy: any, charts: ["https://${'*a'.repeat(120)}431"]}`;
  const policy = parsePolicy(`version: 1\nrules:\n${[...rules, copy].join('\n')}\n`);
  const patterns = policy.rules.flatMap((rule) => rule.charts.map(({ value }) => value));
  expect(patterns.join('').length).toBeGreaterThan(120_000);
  expect(lintPolicy(policy, GOOD)).toMatchObject([
    { kind: 'shadowed-rule', message: expect.stringContaining('the rule again never decides') as unknown },
  ]);
});
