import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { parseDocument } from '../../src/provenance/document.ts';

const DIGEST = '1c6412a4185cd186a3f8861866eae28bc0e2c8d87bee3e254cff94fb6bdb3808';
const METADATA = 'apiVersion: v2\nname: app\nversion: 1.0.0\n';
const LINE = `  app-1.0.0.tgz: sha256:${DIGEST}`;
const TEXT = `${METADATA}\n...\nfiles:\n${LINE}\n`;

describe('the signed text', () => {
  it.each([
    ['as Helm writes it', TEXT],
    ['without its last line break', TEXT.trimEnd()],
    ['with empty lines at its end', `${TEXT}\n\n`],
  ])('tells the metadata and the digest of the archive: %s', (_, text) => {
    expect(parseDocument(Buffer.from(text))).toEqual({
      metadata: METADATA,
      files: [{ name: 'app-1.0.0.tgz', sha256: DIGEST }],
    });
  });

  it('may give digests of several files', () => {
    const { files } = parseDocument(Buffer.from(`${TEXT}${LINE.replace('1.0.0', '2.0.0')}\n`));
    expect(files.map(({ name }) => name)).toEqual(['app-1.0.0.tgz', 'app-2.0.0.tgz']);
  });

  it.each([
    ['one part only', METADATA, 'expected signed text of two parts'],
    ['a third part', `${TEXT}\n...\nfiles:\n${LINE}`, 'found 3'],
    ['two digests for one file', `${TEXT}${LINE.replace('1c', '2c')}\n`, 'two digests for one file name'],
    ['no files', `${METADATA}\n...\nfiles:\n`, 'found none'],
    ['an inline map', `${METADATA}\n...\nfiles: {}\n`, 'found "files: {}"'],
    ['another key after the files', `${TEXT}images:\n`, 'found "images:"'],
    ['a key in another case', TEXT.replace('files', 'FILES'), 'found "FILES:"'],
    ['a comment', TEXT.replace(LINE, `${LINE} # really`), 'expected a line'],
    ['a merge key', TEXT.replace(LINE, `  <<: *evil\n${LINE}`), 'expected a line'],
    ['an anchor', TEXT.replace('files:', 'files: &a'), 'expected the line "files:"'],
    ['a digest in upper case', TEXT.replace(DIGEST, DIGEST.toUpperCase()), 'expected a line'],
    ['a digest that is too short', TEXT.replace(DIGEST, DIGEST.slice(2)), 'expected a line'],
    ['a digest of another kind', TEXT.replace('sha256', 'sha512'), 'expected a line'],
    ['a path as file name', TEXT.replace('app-', '../app-'), 'expected a line'],
    ['another indentation', TEXT.replace('  app', '    app'), 'expected a line'],
    ['a line separator that only YAML knows', TEXT.replace(LINE, `${LINE}\u2028${LINE}`), 'expected a line'],
    ['a document mark', TEXT.replace('files:', '---\nfiles:'), 'found "---"'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parseDocument(Buffer.from(text))).toThrow(MalformedError);
    expect(() => parseDocument(Buffer.from(text))).toThrow(message);
  });
});
