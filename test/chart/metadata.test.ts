import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChartYaml } from '../../src/chart/archive/metadata.ts';
import { InputError } from '../../src/errors.ts';
import { runs } from '../support/property.ts';

const good = 'apiVersion: v2\nname: mychart\nversion: 0.1.0\n';

describe('Chart.yaml', () => {
  test('says name and version, and much that nobody asked for', () => {
    const yaml = `${good}description: >\n  long\n  text\ndependencies:\n  - name: sub\n    version: ^1\nannotations: {a: b}\n`;
    expect(parseChartYaml(yaml)).toEqual({ name: 'mychart', version: '0.1.0' });
    expect(parseChartYaml(Buffer.from(yaml))).toEqual({ name: 'mychart', version: '0.1.0' });
  });

  test.each([
    ['1.10', '1.1'],
    ['"1.10"', '1.10'],
    ['1', '1'],
    ['1e3', '1000'],
    ['0x10', '16'],
    ['010', '8'],
    ['08', '8'],
    ['1_0.5', '10.5'],
    ['2024-01-01', '2024-01-01'],
    ['1.2.3-rc.1+build.5', '1.2.3-rc.1+build.5'],
    ['v1.2.3', 'v1.2.3'],
  ])('version %s is what Helm makes of it: %s', (yaml, version) => {
    expect(parseChartYaml(`name: mychart\nversion: ${yaml}\n`).version).toBe(version);
  });

  test('may use anchors, a few', () => {
    expect(parseChartYaml(`${good}home: &a https://example.com\nsources: [*a, *a]\n`).name).toBe('mychart');
  });

  test.each([
    ['nothing', '', 'name: expected a name, found nothing'],
    ['a list', '- name: mychart\n', 'expected an object, found an array'],
    ['text', 'mychart', 'expected an object, found "mychart"'],
    ['null', 'null', 'name: expected a name, found nothing'],
    ['a null as version', 'name: a\nversion: null\n', 'version: expected a version, found nothing'],
    ['two documents', `---\n${good}---\n${good}`, 'expected a single document'],
    ['no name', 'version: 0.1.0\n', 'name: expected a name, found nothing'],
    ['no version', 'name: mychart\n', 'version: expected a version, found nothing'],
    ['an empty name', 'name:\nversion: 0.1.0\n', 'name: expected a name, found nothing'],
    ['a list as name', 'name: [a]\nversion: 0.1.0\n', 'name: expected a name, found an array'],
    ['a path as name', 'name: ../../etc\nversion: 0.1.0\n', 'found "../../etc"'],
    ['two lines as version', 'name: a\nversion: "1\\nOK"\n', String.raw`found "1\nOK"`],
    ['two names', `${good}name: other\n`, 'duplicated mapping key'],
    ['two names in different case', `${good}Name: other\n`, 'the member "Name" can be read in two ways'],
    [
      'a name to be merged in',
      `base: &b {name: other}\n<<: *b\n${good}`,
      'the member "<<" can be read in two ways',
    ],
    ['a merge key alone', '<<: {name: a, version: 1.0.0}\n', 'the member "<<" can be read in two ways'],
    ['a tag', `${good}home: !!binary aGk=\n`, 'unknown scalar tag'],
    ['code', `${good}home: !!js/function "function () {}"\n`, 'unknown scalar tag'],
    ['a tab as indentation', 'name:\n\tmychart\n', 'expected YAML'],
    ['an unknown alias', `a: *b\n${good}`, 'expected YAML'],
  ])('with %s is refused', (_, yaml, message) => {
    expect(() => parseChartYaml(yaml)).toThrow(message);
    expect(() => parseChartYaml(yaml)).toThrow(InputError);
  });

  test('that is refused is named', () => {
    expect(() => parseChartYaml('[', 'the signed text of a.prov')).toThrow(
      /^the signed text of a\.prov: expected YAML/,
    );
  });

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => parseChartYaml(Uint8Array.of(0xff))).toThrow('Chart.yaml: not UTF-8 text');
  });
});

describe('a Chart.yaml that wants to be expensive', () => {
  test.each([
    ['too long', `${good}#${'x'.repeat(1 << 20)}`, 'expected at most 1048576 bytes'],
    ['nested a hundred deep and more', `${good}a: ${'['.repeat(101)}${']'.repeat(101)}`, 'nesting exceeded'],
    ['half a million open brackets', `a: ${'['.repeat(500_000)}`, 'nesting exceeded'],
    ['with a hundred aliases and more', `a: &a x\nb: [${'*a,'.repeat(101)}]\n${good}`, 'aliases exceeded'],
    ['with a hundred thousand members of one name', 'a: 1\n'.repeat(100_000), 'at most 20000 nodes'],
  ])('%s is refused', (_, yaml, message) => {
    expect(() => parseChartYaml(yaml)).toThrow(message);
  });

  test('a billion laughs are laughed once', () => {
    const laughs = Array.from({ length: 10 }, (_, i) => {
      const items =
        i === 0
          ? 'lol'
          : Array(9)
              .fill(`*l${i - 1}`)
              .join(',');
      return `l${i}: &l${i} [${items}]\n`;
    });
    expect(parseChartYaml(laughs.join('') + good).name).toBe('mychart');
  });

  test('nineteen thousand members are read', () => {
    const yaml = good + Array.from({ length: 19_000 }, (_, i) => `m${i}: x\n`).join('');
    expect(parseChartYaml(yaml).name).toBe('mychart');
  });

  test('no text crashes it with anything but InputError', () => {
    const pieces = fc.constantFrom(
      'name',
      'version',
      ': ',
      '\n',
      '- ',
      '&a ',
      '*a',
      '<<',
      '[',
      '{',
      '}',
      ']',
      '"',
      '!!',
      '|',
      '1.2',
      '__proto__',
      '? ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (yaml) => {
          try {
            parseChartYaml(yaml);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      runs(2000),
    );
  });
});
