/** The index of a repository that is odd. */
export interface OddIndex {
  readonly what: string;
  readonly text: string;
  /** The charts that Helm lists, as `NAME VERSION`, or 'refused' where it reads no index. */
  readonly helm: string;
  /** What is said of it here; where nothing is, each chart is looked for under its name and version. */
  readonly here?: string;
}

const good = '  - name: good\n    version: 0.1.0\n    urls: [good-0.1.0.tgz]\n';
const index = (entries: string) => `apiVersion: v1\nentries:\n${entries}`;
const versionOf = (members: string) =>
  index(`  good:\n${good}  hello:\n  - urls: [hello-1.10.0.tgz]\n${members}`);
const IN_QUOTES = 'in quotes, found the';

const refusedRow = (what: string, members: string, here = IN_QUOTES): OddIndex => ({
  what,
  text: versionOf(members),
  helm: 'refused',
  here,
});

/** What Helm makes of an index where it is not as `helm repo index` writes it; those alone that are no attack. */
export const ODD_INDEXES: readonly OddIndex[] = [
  { what: 'all that it should have', text: index(`  good:\n${good}`), helm: 'good 0.1.0' },
  refusedRow('a version that is a number', '    name: hello\n    version: 1.10\n'),
  refusedRow('a version that is an integer', '    name: hello\n    version: 2\n'),
  refusedRow('a version that is a truth value', '    name: hello\n    version: yes\n'),
  refusedRow('a name that is a number', '    name: 1e3\n    version: 1.10.0\n'),
  refusedRow('a name that is a truth value', '    name: on\n    version: 1.10.0\n'),
  refusedRow(
    'a version that is a list',
    '    name: hello\n    version: [1.10.0]\n',
    'found a list or a mapping',
  ),
  refusedRow(
    'versions that are a mapping',
    '    name: hello\n    version: {a: b}\n',
    'found a list or a mapping',
  ),
  {
    what: 'a version that is a number, in JSON',
    text: '{"apiVersion":"v1","entries":{"hello":[{"name":"hello","version":1.10,"urls":["hello-1.10.tgz"]}]}}',
    helm: 'refused',
    here: IN_QUOTES,
  },
  {
    what: 'a version that is a number in quotes',
    text: versionOf('    name: hello\n    version: "1.10"\n').replace('1.10.0.tgz', '1.10.tgz'),
    helm: 'good 0.1.0, hello 1.10',
  },
  {
    what: 'a version that is said to be text',
    text: versionOf('    name: hello\n    version: !!str 1.10\n').replace('1.10.0.tgz', '1.10.tgz'),
    helm: 'good 0.1.0, hello 1.10',
  },
  {
    what: 'a digest of digits alone',
    text: versionOf(`    name: hello\n    version: 1.10.0\n    digest: ${'01'.repeat(32)}\n`),
    helm: 'good 0.1.0, hello 1.10.0',
  },
  {
    what: 'a chart that is called by a number',
    text: index(`  2048:\n${good.replaceAll('good', '"2048"').replace('"2048"-', '2048-')}`),
    helm: '2048 0.1.0',
  },
  {
    what: 'a chart that is removed',
    text: versionOf('    name: hello\n    version: 1.10.0\n    removed: true\n'),
    helm: 'good 0.1.0, hello 1.10.0',
  },
  { what: 'a chart with an empty list', text: index(`  good:\n${good}  hello: []\n`), helm: 'good 0.1.0' },
  { what: 'a chart without a list', text: index(`  good:\n${good}  hello:\n`), helm: 'good 0.1.0' },
  { what: 'a chart whose list is null', text: index(`  good:\n${good}  hello: null\n`), helm: 'good 0.1.0' },
  {
    what: 'a chart with an empty list alone',
    text: index('  hello: []\n'),
    helm: '',
    here: 'names no charts',
  },
  { what: 'no charts', text: 'apiVersion: v1\nentries: {}\n', helm: '', here: 'names no charts' },
  {
    what: 'a number for the version of its form',
    text: index(`  good:\n${good}`).replace('v1', '1'),
    helm: 'good 0.1.0',
  },
  {
    what: 'no version of its form',
    text: index(`  good:\n${good}`).replace('v1', '""'),
    helm: 'refused',
    here: 'expected apiVersion and entries',
  },
  ...['\u0085', '\u2028', '\u2029'].flatMap((end): OddIndex[] => {
    const name = `U+${end.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
    return [
      {
        what: `${name} in a comment that hides a chart`,
        text: index(
          `  good:\n${good}# x${end}  hello:${end}  - {name: hello, version: 0.1.0, urls: [hello-0.1.0.tgz]}\n`,
        ),
        helm: 'good 0.1.0, hello 0.1.0',
        here: 'where Helm begins a new line',
      },
      {
        what: `${name} in a description in quotes`,
        text: index(`  good:\n${good}    description: "a${end}b"\n`),
        helm: 'good 0.1.0',
      },
    ];
  }),
];
