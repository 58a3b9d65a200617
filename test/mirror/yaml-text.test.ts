import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/chart/yaml/yaml.ts';
import { yamlOf, type Writable } from '../../src/mirror/yaml-text.ts';

/** Texts that some reader of YAML takes for something else. */
const ODD = [
  '',
  ' ',
  'null',
  '~',
  'yes',
  'y',
  'on',
  '1.10',
  '1e3',
  '0o7',
  '1_000',
  '2001-01-01',
  '1:20',
  '- a',
  '? a',
  'a: b',
  '# a',
  '<<',
  '=',
  '"',
  "'",
  '\\',
  'a\nb',
  'a\r\nb\t',
  '\u0000\u0007\u001b[2J',
  '\u007f\u0085\u009f',
  '\u2028\u2029\ufeff\ufffe\uffff',
  'caf\u00e9 \u{1f600}',
  '{{ .Values }}',
  '---',
  '...',
  '%YAML 1.2',
  '&a *a !a @a `a',
];

describe('YAML', () => {
  it('is laid out as helm repo index does', () => {
    const entry = {
      version: '1.10',
      deprecated: true,
      urls: ['a-1.10.tgz'],
      maintainers: [{ name: 'Jo', email: 'jo@charts.example' }],
      annotations: { 'charts.example/category': 'y' },
    };
    expect(yamlOf({ apiVersion: 'v1', entries: { hello: [entry], on: [], none: {} } })).toBe(
      [
        'apiVersion: "v1"',
        'entries:',
        '  hello:',
        '  - annotations:',
        '      "charts.example/category": "y"',
        '    deprecated: true',
        '    maintainers:',
        '    - email: "jo@charts.example"',
        '      name: "Jo"',
        '    urls:',
        '    - "a-1.10.tgz"',
        '    version: "1.10"',
        '  none: {}',
        '  "on": []',
        '',
      ].join('\n'),
    );
  });

  it.each(ODD)('keeps %j, as a value, a name and in a list', (text) => {
    const value = { value: text, names: { [text]: 'x' }, list: [text, { [text]: [text] }] };
    expect(load(yamlOf(value))).toEqual(value);
    expect(parseYaml(yamlOf(value))).toEqual(value);
  });

  it('keeps every value that an index can have', () => {
    const text = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'grapheme' }));
    const { mapping } = fc.letrec<{ value: Writable; mapping: Record<string, Writable> }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.boolean(),
        // An index has no lists in lists.
        fc.array(fc.oneof(text, fc.boolean(), tie('mapping')), { maxLength: 3 }),
        tie('mapping'),
      ),
      mapping: fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(mapping, (value) => {
        expect(load(yamlOf({ top: value }))).toEqual({ top: value });
      }),
    );
  });
});
