import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { describeChart } from '../../src/chart/archive/description.ts';
import { chartsOfIndex } from '../../src/chart/local/index-file.ts';
import { parseYaml } from '../../src/chart/yaml/yaml.ts';
import { parseSha256 } from '../../src/digest.ts';
import { formatIndex, type ListedChart } from '../../src/mirror/helm-index.ts';
import { newestFirst } from '../../src/mirror/version-order.ts';

function listed(name: string, version: string, time = 1_700_000_000): ListedChart {
  const archive = `${name}-${version}.tgz`;
  return {
    chart: { archive, name, version, time, signer: 'ab'.repeat(20) },
    sha256: parseSha256('c'.repeat(64)),
    description: { apiVersion: 'v2', description: `The chart ${name}` },
  };
}

function textOf(charts: readonly ListedChart[]): string {
  return Buffer.from(formatIndex(charts)).toString();
}

describe('the index', () => {
  it('lists each chart with its versions, the newest first, its digest and a relative URL', () => {
    const charts = [listed('b', '0.9.0'), listed('a', '1.0.0+x.1', 1_800_000_000), listed('b', '0.10.0')];
    expect(parseYaml(textOf(charts))).toEqual({
      apiVersion: 'v1',
      entries: {
        a: [
          {
            apiVersion: 'v2',
            created: '2027-01-15T08:00:00Z',
            description: 'The chart a',
            digest: 'c'.repeat(64),
            name: 'a',
            urls: ['a-1.0.0+x.1.tgz'],
            version: '1.0.0+x.1',
          },
        ],
        b: ['0.10.0', '0.9.0'].map((version) => ({
          apiVersion: 'v2',
          created: '2023-11-14T22:13:20Z',
          description: 'The chart b',
          digest: 'c'.repeat(64),
          name: 'b',
          urls: [`b-${version}.tgz`],
          version,
        })),
      },
      generated: '2027-01-15T08:00:00Z',
    });
  });

  it('is the same for the same charts, in whatever order they come', () => {
    const charts = [
      listed('b', '0.9.0'),
      listed('a', '1.0.0'),
      listed('b', '0.10.0'),
      listed('a', '1.0.0-rc.1'),
    ];
    expect(textOf([...charts].reverse())).toBe(textOf(charts));
  });

  it('is read by verify as the charts that it was made of', () => {
    const charts = [listed('a', '1.0.0'), listed('hello', '0.1.0')];
    const read = [...chartsOfIndex(formatIndex(charts), 'index.yaml', '/mirror')];
    expect(read).toMatchObject([
      { label: '/mirror/a-1.0.0.tgz', expected: { names: ['a'], version: '1.0.0' } },
      {
        label: '/mirror/hello-0.1.0.tgz',
        expected: { names: ['hello'], version: '0.1.0', sha256: 'c'.repeat(64) },
      },
    ]);
  });

  it('cannot be changed by what a chart says of itself', () => {
    const evil = 'x\n  other:\n  - urls: ["https://evil.example/x.tgz"]\n    digest: ""';
    const chart = {
      ...listed('a', '1.0.0'),
      description: { digest: 'evil', urls: ['evil'], description: evil },
    };
    expect(parseYaml(textOf([chart]))).toMatchObject({
      entries: { a: [{ digest: 'c'.repeat(64), urls: ['a-1.0.0.tgz'], description: evil }] },
    });
  });
});

test.each([
  ['1.0.0', '1.0.0-rc.1'],
  ['1.10.0', '1.9.0'],
  ['2', '1.99.99'],
  ['1.0.0-rc.10', '1.0.0-rc.2'],
  ['1.0.0-rc.1.1', '1.0.0-rc.1'],
  ['1.0.0-alpha.beta', '1.0.0-alpha.1'],
  ['1.0.0-beta', '1.0.0-alpha'],
  ['v1.0.1', '1.0.0'],
  ['1.0.0+b', '1.0.0+a'],
  ['18446744073709551616.0.0', '18446744073709551615.0.0'],
])('%s is newer than %s', (newer, older) => {
  expect([older, newer].sort(newestFirst)).toEqual([newer, older]);
  expect([newer, older].sort(newestFirst)).toEqual([newer, older]);
});

test('the order of versions is one: it does not matter in which order they come', () => {
  const part = fc.constantFrom('0', '1', '2', '10', 'a', 'rc');
  const number = fc.constantFrom('0', '1', '2', '10');
  const version = fc
    .tuple(fc.array(number, { minLength: 3, maxLength: 3 }), fc.array(part, { maxLength: 2 }))
    .map(([core, pre]) => core.join('.') + (pre.length > 0 ? `-${pre.join('.')}` : ''));
  fc.assert(
    fc.property(fc.array(version, { maxLength: 8 }), (versions) => {
      expect([...versions].reverse().sort(newestFirst)).toEqual([...versions].sort(newestFirst));
    }),
  );
});

describe('of Chart.yaml the index has', () => {
  const describeText = (...files: readonly string[]) =>
    describeChart(
      files.map((file) => Buffer.from(file)),
      'it',
    );

  it('all that Helm takes, as Helm takes it', () => {
    const yaml = `apiVersion: v2
name: a
version: 1.10
appVersion: 1.10
deprecated: yes
description: |
  Two
  lines
keywords: [one, 2]
maintainers:
- name: Jo
  email: jo@charts.example
  phone: '1'
annotations:
  category: on
  "__proto__": x
dependencies:
- name: b
  version: ^1.0.0
  repository: https://charts.example
  condition: b.enabled
  tags: [front]
  enabled: true
  import-values:
  - data
  - child: a
    parent: b
kubeVersion: '>=1.20'
unknown: x
`;
    const described = describeText(yaml);
    expect(Object.entries(described.annotations as object)).toEqual([
      ['category', 'true'],
      ['__proto__', 'x'],
    ]);
    expect(described).toMatchObject({
      apiVersion: 'v2',
      appVersion: '1.1',
      deprecated: true,
      description: 'Two\nlines\n',
      keywords: ['one', '2'],
      maintainers: [{ name: 'Jo', email: 'jo@charts.example' }],
      dependencies: [
        {
          name: 'b',
          version: '^1.0.0',
          repository: 'https://charts.example',
          condition: 'b.enabled',
          tags: ['front'],
          enabled: true,
          'import-values': ['data', { child: 'a', parent: 'b' }],
        },
      ],
      kubeVersion: '>=1.20',
    });
    expect(Object.keys(described)).not.toContain('unknown');
    expect(Object.keys(described)).not.toContain('name');
  });

  it('what the last file says, and nothing of what is of another form', () => {
    expect(describeText('description: a\nhome: [x]\nkeywords: x\n', 'description: b\n', '')).toEqual({
      description: 'b',
    });
    expect(describeText('- a\n')).toEqual({});
  });

  it('nothing at all, where it is no YAML', () => {
    expect(() => describeText('a: [')).toThrow(/^it: expected YAML/);
    expect(() => describeText('#'.repeat(5 << 20))).toThrow(/^it: expected at most/);
  });
});
