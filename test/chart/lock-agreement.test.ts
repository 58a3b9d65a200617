import { describe, expect, test } from 'vitest';
import { parseChartLock } from '../../src/chart/dependencies/chart-lock.ts';
import { readDeclaredDependencies } from '../../src/chart/archive/dependencies.ts';
import { lockDifference } from '../../src/chart/dependencies/lock-agreement.ts';
import { lockDigestOfHelm2 } from '../../src/chart/dependencies/lock-digest.ts';
import { InputError, MalformedError } from '../../src/errors.ts';

const REPOSITORY = 'http://127.0.0.1:44455';

/** With all that a dependency may have. */
const CHART_YAML = `apiVersion: v2
name: p
version: 1.0.0
dependencies:
- name: hello
  alias: one
  version: ">=1.0.0 <1.10"
  repository: "@x"
  condition: one.enabled,global.a&b
  tags: [front, 1.10, yes]
  enabled: true
  import-values:
  - data
  - child: default.data
    parent: my<data>
  - {a: 1, b: 1.50, c: true, d: null, e: [1e3, 0x10, "x"]}
- name: hello
  alias: two
  version: 1.10.x
  repository: alias:x
- name: other
  version: ">=0.1.0-0"
  repository: ${REPOSITORY}/
- name: built
  version: "2"
  repository: ${REPOSITORY}
- name: local
  version: "*"
  repository: file://../local
- name: inside
  version: 1.0.0
`;

/** What Helm 3.17.3, 3.18.0, 3.22.0, 4.1.4 and 4.3.1 made of it, but for the time; test/e2e asks them again. */
const LOCK = `dependencies:
- name: hello
  repository: ${REPOSITORY}
  version: 1.2.3
- name: hello
  repository: ${REPOSITORY}
  version: 1.10.0
- name: other
  repository: ${REPOSITORY}/
  version: 0.1.0-rc.1
- name: built
  repository: ${REPOSITORY}
  version: 2.0.0+b.1
- name: local
  repository: file://../local
  version: 3.1.4
- name: inside
  repository: ""
  version: 1.0.0
digest: sha256:e949733ed8b76628a35caf1ee084b3c51ef956225b4267dbf5b0b6688c8c69a6
generated: "2026-11-30T15:58:17.345775381Z"
`;

const configured = [{ name: 'x', address: REPOSITORY }];
const differ = (chartYaml: string, lock: string) =>
  lockDifference(
    readDeclaredDependencies([Buffer.from(chartYaml)]),
    parseChartLock(Buffer.from(lock)),
    configured,
  );

test('a lock agrees with the Chart.yaml that Helm made it of', () => {
  expect(differ(CHART_YAML, LOCK)).toBeUndefined();
});

test.each([
  ['a condition', 'one.enabled', 'two.enabled'],
  ['a tag', 'front', 'back'],
  ['an alias', 'alias: one', 'alias: three'],
  ['what is imported', 'my<data>', 'mine'],
  ['a number that is imported', '1.50', '1.51'],
  ['whether it is enabled', 'enabled: true', 'enabled: false'],
  ['a range in which the version still is', '>=1.0.0 <1.10', '>=1.0.0 <1.9'],
])('a change of %s in Chart.yaml makes it old', (_, before, after) => {
  expect(CHART_YAML).toContain(before);
  expect(differ(CHART_YAML.replace(before, after), LOCK)).toMatch(
    /^Chart\.yaml was changed since: expected the digest sha256:[0-9a-f]{64}, found "sha256:e949733e/,
  );
});

/** A lock with the digest that fits: anybody can compute it. */
function forged(before: string, after: string, chartYaml = CHART_YAML): string {
  expect(LOCK).toContain(before);
  const lock = LOCK.replace(before, after);
  const [, digest] = /expected the digest (sha256:[0-9a-f]{64})/.exec(differ(chartYaml, lock) ?? '') ?? [];
  return digest === undefined ? lock : lock.replace(/sha256:[0-9a-f]{64}/, digest);
}

test.each([
  [
    'an older version',
    'version: 1.2.3',
    'version: 0.9.0',
    'asks for "hello" ">=1.0.0 <1.10", and it lists "0.9.0"',
  ],
  ['a newer version', 'version: 2.0.0+b.1', 'version: 3.0.0', 'asks for "built" "2", and it lists "3.0.0"'],
  ['no version', 'version: 1.2.3', 'version: ^1', 'and it lists "^1"'],
  [
    'another repository',
    `repository: ${REPOSITORY}/`,
    'repository: http://evil.example',
    'and it lists "http://evil.example"',
  ],
  [
    'another repository for a name',
    `repository: ${REPOSITORY}\n  version: 1.2.3`,
    'repository: http://evil.example\n  version: 1.2.3',
    'from "http://127.0.0.1:44455", and it lists "http://evil.example"',
  ],
  ['another chart', 'name: other', 'name: evil', 'asks for "other" where it lists "evil"'],
  ['a directory elsewhere', 'file://../local', 'file:///tmp/evil', 'and it lists "file:///tmp/evil"'],
  [
    'one chart more',
    'digest:',
    '- {name: evil, version: 1.0.0, repository: "http://evil.example"}\ndigest:',
    'asks for 6 charts, and it lists 7',
  ],
])('a lock that was changed to %s is found out, whatever its digest', (_, before, after, difference) => {
  expect(differ(CHART_YAML, forged(before, after))).toContain(difference);
});

test('a digest of Helm 2 counts for charts of apiVersion v1, and for no others', () => {
  const required = `dependencies: [{name: hello, version: ^1, repository: "${REPOSITORY}"}]\n`;
  const digest = lockDigestOfHelm2(readDeclaredDependencies([Buffer.from(required)]).dependencies);
  const lock = `dependencies: [{name: hello, version: 1.2.3, repository: "${REPOSITORY}"}]\ndigest: ${digest}\n`;
  // `{"dependencies":[{"name":"hello","version":"^1","repository":"http://127.0.0.1:44455"}]}`
  expect(digest).toBe('sha256:036237f68d1cbe4da571723e80ad8ebc0d2388a5bd035bb7cf6b3f2930c12b6a');
  expect(differ(`apiVersion: v1\n${required}`, lock)).toBeUndefined();
  expect(differ(`apiVersion: v2\n${required}`, lock)).toContain('Chart.yaml was changed since');
});

test('a repository that is not configured is said, and nothing is guessed', () => {
  expect(() => differ(CHART_YAML.replace('"@x"', '"@unknown"'), LOCK)).toThrow(InputError);
});

test('Chart.yaml without a list and with an empty one have locks of their own', () => {
  const [without, empty] = ['apiVersion: v2\n', 'apiVersion: v2\ndependencies: []\n'];
  const lock =
    'dependencies: []\ndigest: sha256:643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726\n';
  expect(differ(empty, lock)).toBeUndefined();
  expect(differ(without, lock)).toContain('Chart.yaml was changed since');
});

describe('what could be read in two ways is refused', () => {
  test.each([
    ['a list in two files', [CHART_YAML, 'dependencies: []\n']],
    ['a member in other letters', ['Dependencies: []\n']],
    ['a name in other letters', ['dependencies: [{Name: x, name: y}]\n']],
    ['a mapping in place of a name', ['dependencies: [{name: {a: b}}]\n']],
    ['an empty dependency', ['dependencies: [null]\n']],
    ['a list of lists', ['dependencies: [[]]\n']],
    ['a mapping', ['dependencies: {a: b}\n']],
    ['members merged in', ['x: &x {name: y}\ndependencies: [{<<: *x}]\n']],
    ['a thousand and one', [`dependencies:\n${'- {name: x}\n'.repeat(1001)}`]],
  ])('%s', (_, files) => {
    expect(() => readDeclaredDependencies(files.map((file) => Buffer.from(file)))).toThrow(MalformedError);
  });

  test.each([
    ['no digest', 'dependencies: []\n'],
    ['another document', '[]\n'],
    ['no YAML', '{'],
    ['a digest twice', 'digest: a\nDigest: b\n'],
  ])('a lock with %s', (_, lock) => {
    expect(() => parseChartLock(Buffer.from(lock))).toThrow(MalformedError);
  });
});
