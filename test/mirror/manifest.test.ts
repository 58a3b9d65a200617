import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSha256 } from '../../src/digest.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { formatManifest, MANIFEST_LIMIT, type Manifest } from '../../src/mirror/manifest.ts';
import { parseManifest } from '../../src/mirror/parse-manifest.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { runs } from '../support/property.ts';

const digest = (digit: string) => parseSha256(digit.repeat(64));
const SIGNER = 'ab'.repeat(20);

/** Two charts with all their files. */
const MIRROR: Manifest = {
  charts: [
    { archive: 'b-1.0.0.tgz', name: 'b', version: '1.0.0', time: 1_700_000_000, signer: SIGNER },
    { archive: 'a-0.1.0+x.tgz', name: 'a', version: '0.1.0+x', time: 1_800_000_000, signer: SIGNER },
  ],
  files: [
    ...['b-1.0.0.tgz', 'a-0.1.0+x.tgz'].flatMap((path) => [
      { path, size: 1000, sha256: digest('1') },
      { path: `${path}.prov`, size: 100, sha256: digest('2') },
      { path: `${path}.rekor.json`, size: 10, sha256: digest('3') },
    ]),
    { path: `keys/${SIGNER.toUpperCase()}.asc`, size: 0, sha256: digest('4') },
    { path: 'index.yaml', size: 5, sha256: digest('5') },
  ],
};
const TEXT = Buffer.from(formatManifest(MIRROR)).toString();

function parse(text: string): Manifest {
  return parseManifest(encodeUtf8(text));
}

describe('a manifest', () => {
  it('is JSON that names its type, with charts and files in the order of their paths', () => {
    const json = JSON.parse(TEXT) as { charts: { archive: string }[]; files: { path: string }[] };
    expect(json).toMatchObject({ mediaType: 'application/vnd.helm-sigstore.mirror.v1+json' });
    expect(json.charts.map(({ archive }) => archive)).toEqual(['a-0.1.0+x.tgz', 'b-1.0.0.tgz']);
    expect(json.charts[0]).toEqual({
      archive: 'a-0.1.0+x.tgz',
      name: 'a',
      version: '0.1.0+x',
      verdict: 'verified',
      time: '2027-01-15T08:00:00Z',
      signer: SIGNER,
    });
    expect(json.files.map(({ path }) => path)).toEqual([...json.files.map(({ path }) => path)].sort());
  });

  it('is read as what was written, and the same content gives the same bytes, in whatever order', () => {
    const read = parseManifest(formatManifest(MIRROR));
    expect(new Set(read.charts)).toEqual(new Set(MIRROR.charts));
    expect(new Set(read.files)).toEqual(new Set(MIRROR.files));
    const turned = { charts: [...MIRROR.charts].reverse(), files: [...MIRROR.files].reverse() };
    expect(formatManifest(turned)).toEqual(formatManifest(read));
  });

  it('of nothing is one as well', () => {
    const empty = { charts: [], files: [] };
    expect(parseManifest(formatManifest(empty))).toEqual(empty);
    expect(JSON.parse(Buffer.from(formatManifest(empty)).toString())).toMatchObject(empty);
  });

  it('has one spelling: whatever is read is written again as the same bytes', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.nat(255), fc.boolean(), (at, byte, isInserted) => {
        const bytes = Buffer.from(TEXT);
        const changed = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.of(byte),
          bytes.subarray(isInserted ? at : at + 1),
        ]);
        const read = unlessMalformed(() => parseManifest(changed));
        if (read !== undefined) expect(Buffer.from(formatManifest(read))).toEqual(changed);
      }),
      runs(2000),
    );
  });
});

describe('no manifest is', () => {
  const first = '{"path":"a-0.1.0+x.tgz","size":1000,';
  const rows: Record<string, string> = {
    nothing: '',
    'other JSON': '{}\n',
    'one that is cut': TEXT.slice(0, -3),
    'one with something behind it': `${TEXT}\n`,
    'one in other white space': JSON.stringify(JSON.parse(TEXT)),
    'one of another order': Buffer.from(TEXT)
      .toString()
      .replace(/( {4}\{"archive":"a.*),\n( {4}\{"archive":"b.*)\n/, '$2,\n$1\n'),
    'one with an unknown member': TEXT.replace(first, `${first}"mode":7,`),
    'one with a member that is there twice': TEXT.replace(first, `${first}"size":1000,`),
    'one without a member': TEXT.replace('"size":1000,', ''),
    'one with a file that is there twice': TEXT.replace(
      /( {4}\{"path":"index.yaml".*\n)/,
      (line) => `${line.trimEnd()}\n${line}`,
    ),
    'one with paths that differ in capital letters alone': TEXT.replace('"index.yaml"', '"B-1.0.0.TGZ"'),
    'one with a chart whose provenance is no file of it': TEXT.replace('"b-1.0.0.tgz.prov"', '"b.prov"'),
    'one with a chart whose evidence is no file of it': TEXT.replace('"b-1.0.0.tgz.rekor.json"', '"b.json"'),
    'one that names itself': TEXT.replace('"index.yaml"', '"manifest.json"'),
    'one with another verdict': TEXT.replace('"verified"', '"rejected"'),
    'one with half a second': TEXT.replace('08:00:00Z', '08:00:00.5Z'),
    'one with a size that is none': TEXT.replace('"size":1000', '"size":-1'),
    'one with a size beyond all numbers': TEXT.replace('"size":1000', '"size":1e400'),
    'one with a digest in capital letters': TEXT.replace('4'.repeat(64), 'A'.repeat(64)),
    'one with a short key ID for a signer': TEXT.replace(SIGNER, SIGNER.slice(0, 16)),
    'one that is too long': TEXT + ' '.repeat(MANIFEST_LIMIT),
  };

  it.each(Object.entries(rows))('%s', (_, text) => {
    expect(text).not.toBe(TEXT);
    expect(unlessMalformed(() => parse(text))).toBeUndefined();
  });

  it.each([
    '../index.yaml',
    '/etc/passwd',
    'keys/../index.yaml',
    'keys//a',
    './index.yaml',
    'a/b/c',
    'keys/',
    '.lock',
    '.partial/x',
    'keys/.x',
    '',
    'a\\b',
    'c:x',
    'C:/x',
    'nul',
    'AUX.yaml',
    'a.',
    'a b',
    'a\u0000b',
    'a\nb',
    'caf\u00e9',
    'x'.repeat(256),
  ])('one with the path %j', (path) => {
    const text = TEXT.replace('"index.yaml"', JSON.stringify(path));
    expect(text).not.toBe(TEXT);
    expect(() => parse(text)).toThrow(/expected paths within the mirror|characters|some text/);
  });

  it('one of a newer version, which is said', () => {
    expect(() => parse(TEXT.replace('mirror.v1+json', 'mirror.v2+json'))).toThrow(
      'a manifest of version 2, and this release of helm sigstore reads version 1',
    );
  });
});
