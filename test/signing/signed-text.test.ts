import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { parseDocument } from '../../src/provenance/document.ts';
import { parseYaml } from '../../src/chart/yaml/yaml.ts';
import { coveredBytes, signedTextOf } from '../../src/signing/signed-text.ts';

const sha256 = sha256Hex(Buffer.from('archive'));
const SHOWN = 'apiVersion: v2\nname: hello\nversion: 0.1.0\n\n';

test('the text is that of Helm, to the byte', () => {
  expect(signedTextOf(SHOWN, { name: 'hello-0.1.0.tgz', sha256 })).toBe(
    `apiVersion: v2\nname: hello\nversion: 0.1.0\n\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${sha256}\n`,
  );
});

describe('the name of the archive is read again as it is, by us and as YAML:', () => {
  const readAgain = (name: string) => {
    const text = signedTextOf(SHOWN, { name, sha256 });
    const [, second = ''] = text.split('\n...\n');
    expect(parseDocument(Buffer.from(text)).files).toEqual([{ name, sha256 }]);
    expect(parseYaml(second)).toEqual({ files: { [name]: `sha256:${sha256}` } });
  };

  test.each([
    'hello-0.1.0+build.1.tgz',
    'a b-1.tgz',
    ' a.tgz',
    '- x.tgz',
    '-x.tgz',
    "it's-1.tgz",
    "''.tgz",
    'a: b.tgz',
    'a #b.tgz',
    '#.tgz',
    '"q".tgz',
    '...x.tgz',
    '---x.tgz',
    '!x.tgz',
    '&x.tgz',
    '*x.tgz',
    '[x].tgz',
    '{x}.tgz',
    '%x.tgz',
    '@x.tgz',
    '`x.tgz',
    '? x.tgz',
    '<<.tgz',
    '~.tgz',
    'é-1.tgz',
    '😀-1.tgz',
    '😀 "x"-1.tgz',
    'x.TGZ',
    `${'a'.repeat(124)}.tgz`,
    `${'a'.repeat(125)}.tgz`,
    `${'é'.repeat(100)}.tgz`,
    `- ${"'".repeat(90)}.tgz`,
  ])('%s', readAgain);

  test('whatever a file is called that can be signed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (beginning) => {
        const name = `${beginning}.tgz`;
        try {
          signedTextOf(SHOWN, { name, sha256 });
        } catch {
          return; // refused
        }
        readAgain(name);
      }),
    );
  });

  test.each([
    'a\nb.tgz',
    'a\u0000.tgz',
    'a\u2028.tgz',
    '../a.tgz',
    'a\\b.tgz',
    'hello.tar',
    `${'a'.repeat(256)}.tgz`,
  ])('%j is refused', (name) => {
    expect(() => signedTextOf(SHOWN, { name, sha256 })).toThrow('cannot sign a file of this name');
  });
});

test('blanks at the ends of lines and the last line end are not covered', () => {
  expect(Buffer.from(coveredBytes('a \t\n\nb\t \n\n')).toString()).toBe('a\r\n\r\nb\r\n');
});
