import { expect, test } from 'vitest';
import { compareVersions, parseSemanticVersion } from '../../src/chart/versions/semantic-version.ts';
import { parseVersionConstraint } from '../../src/chart/versions/version-constraint.ts';
import { readVectorJson, vectors } from '../support/vectors.ts';

type Row = readonly [constraint: string, version: string, answer: boolean | 'bad constraint' | 'bad version'];

const answerOf = (constraint: string, version: string): Row[2] => {
  const holds = parseVersionConstraint(constraint);
  if (holds === undefined) return 'bad constraint';
  const parsed = parseSemanticVersion(version);
  return parsed === undefined ? 'bad version' : holds(parsed);
};

test.skipIf(vectors === undefined)(
  "constraints hold for the versions for which they hold in Helm's library (needs vectors)",
  () => {
    const rows = readVectorJson('helm-constraints', 'vectors.json') as readonly Row[];
    const wrong = rows.filter(([constraint, version, answer]) => answerOf(constraint, version) !== answer);
    expect(wrong).toEqual([]);
    expect(rows.length).toBe(3010);
  },
);

test.each<Row>([
  ['^1.2', '1.9.0', true],
  ['^1.2', '2.0.0', false],
  ['>=1.0.0, <2', '1.9.9', true],
  ['1.2.3', '1.2.3+build.1', true],
  ['^1.2.3', '1.3.0-rc.1', false],
  ['1 - 2', '2.9.9', true],
  ['>=1 - 2', '1.0.0', 'bad constraint'],
  ['1.2.3', '1.2.3-01', 'bad version'],
  ['1.2.3', '99999999999999999999.0.0', 'bad version'],
  // Numbers that do not fit into 64 bits are words for Helm.
  ['>1.0.0-100000000000000000000', '1.0.0-99999999999999999999', true],
  ['>1.0.0-18446744073709551614', '1.0.0-18446744073709551615', true],
  ['*', `1.0.0-${'a'.repeat(300)}`, 'bad version'],
  ['1,'.repeat(300), '1.0.0', 'bad constraint'],
  ['1||'.repeat(40), '1.0.0', 'bad constraint'],
])('%s and %s: %s', (constraint, version, answer) => {
  expect(answerOf(constraint, version)).toBe(answer);
});

test('pre-releases come in the order of Semantic Versioning 2.0.0, section 11.4', () => {
  const order = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0',
  ];
  const parsed = order.map((text) => parseSemanticVersion(text)).filter((each) => each !== undefined);
  for (const [at, version] of parsed.slice(1).entries()) {
    const before = parsed[at];
    expect(before && compareVersions(before, version)).toBe(-1);
    expect(before && compareVersions(version, before)).toBe(1);
  }
  expect(parsed.length).toBe(order.length);
});
