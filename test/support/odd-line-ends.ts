/** A Chart.yaml with line ends that only some readers of YAML know. */
export interface OddLineEnds {
  readonly what: string;
  readonly content: string;
  /** The name and version that Helm reads, or 'refused'. */
  readonly helm: string;
  /** Where this reader refuses what Helm takes: why. */
  readonly refusedHere?: string;
}

const head = 'apiVersion: v2\nversion: 1.0.0\n';
const REFUSED = 'where Helm begins a new line';

const rowsOf = (name: string, end: string): readonly OddLineEnds[] =>
  [
    { what: 'that hides a name in a comment', content: `${head}# x${end}name: evil\n`, refusedHere: REFUSED },
    {
      what: 'that hides another name in a comment',
      content: `${head}name: hello # x${end}name: evil\n`,
      refusedHere: REFUSED,
    },
    {
      what: 'that hides another name in a long text',
      content: `${head}name: hello\ndescription: |\n  x${end}name: evil\n  \n`,
      refusedHere: REFUSED,
    },
    {
      what: 'that hides another name between braces',
      content: `{apiVersion: v2, version: 1.0.0, name: hello, #${end}name: evil\n}\n`,
      refusedHere: REFUSED,
    },
    {
      what: 'behind a quoted text in a comment',
      content: `${head}name: hello # "${end}name: evil # "\n`,
      refusedHere: REFUSED,
    },
    {
      what: 'between members',
      content: `${head}home: a${end}name: evil\n`,
      refusedHere: 'expected YAML',
    },
    { what: 'in quotes', content: `${head}description: "x${end}name: evil"\nname: hello\n` },
    { what: 'in single quotes', content: `${head}description: 'it''s${end}name: evil'\nname: hello\n` },
    { what: 'in a long text', content: `${head}description: |\n  x${end}  name: evil\nname: hello\n` },
    { what: 'in a comment that goes on', content: `${head}# x${end}# name: evil\nname: hello\n` },
    { what: 'at its end', content: `${head}name: hello${end}` },
    {
      what: 'in the name',
      content: `${head}name: "hel  ${end}  lo"\n`,
      helm: 'hel lo 1.0.0',
      refusedHere: 'expected one line',
    },
  ].map((row) => ({
    helm: row.refusedHere === undefined ? 'hello 1.0.0' : 'evil 1.0.0',
    ...row,
    what: `${name} ${row.what}`,
  }));

/** Each of those that go-yaml knows and js-yaml does not. */
export const ODD_LINE_ENDS: readonly OddLineEnds[] = [
  ...rowsOf('U+0085', '\u0085'),
  ...rowsOf('U+2028', '\u2028'),
  ...rowsOf('U+2029', '\u2029'),
];
