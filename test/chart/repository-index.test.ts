import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { chartsOfIndex } from '../../src/chart/repository-index.ts';
import { InputError } from '../../src/errors.ts';

const digest = 'ab'.repeat(32);

function charts(entries: unknown, apiVersion: unknown = 'v1') {
  return chartsOfIndex(dump({ apiVersion, entries, generated: '2026-01-01T00:00:00Z' }), 'index.yaml', 'dir');
}

/** What is said of a version with this URL. */
function withUrl(url: unknown) {
  const [chart] = charts({ hello: [{ name: 'hello', version: '0.1.0', urls: [url], digest }] });
  return chart?.problem?.message ?? chart?.path;
}

describe('the index of a repository', () => {
  test('names every version, with the file name that has to be signed and its digest', () => {
    const entries = {
      hello: [
        { name: 'hello', version: '0.2.0', urls: ['https://charts.example/hello-0.2.0.tgz'], digest },
        {
          name: 'hello',
          version: '0.1.0',
          urls: ['charts/hello-0.1.0.tgz', 'https://elsewhere.example/x.tgz'],
        },
      ],
      other: [{ name: 'other', version: '1.0.0+build', urls: ['other-1.0.0%2Bbuild.tgz'], digest: '' }],
    };
    expect(charts(entries)).toEqual([
      { path: 'dir/hello-0.2.0.tgz', indexed: { signedName: 'hello-0.2.0.tgz', sha256: digest } },
      { path: 'dir/hello-0.1.0.tgz', indexed: { signedName: 'hello-0.1.0.tgz' } },
      { path: 'dir/other-1.0.0+build.tgz', indexed: { signedName: 'other-1.0.0+build.tgz' } },
    ]);
  });

  test.each([
    ['a list', [digest]],
    ['a mapping', { sha256: digest }],
    ['no digest', 'zz'],
    ['null', null],
  ])('does not pass over a digest that is %s', (_, value) => {
    const [chart] = charts({ hello: [{ version: '0.1.0', urls: ['hello-0.1.0.tgz'], digest: value }] });
    expect(chart?.problem).toBeInstanceOf(InputError);
    expect(chart?.indexed).toBeUndefined();
  });

  test('reads versions as text, not as numbers', () => {
    const yaml = 'apiVersion: v1\nentries:\n  hello:\n  - version: 1.10\n    urls: [hello-1.10.tgz]\n';
    expect(chartsOfIndex(yaml, 'index.yaml', '.')).toMatchObject([
      { path: 'hello-1.10.tgz', indexed: { signedName: 'hello-1.10.tgz' } },
    ]);
  });

  test.each([
    ['https://charts.example/a/b/hello-0.1.0.tgz?token=1/2#top', 'dir/hello-0.1.0.tgz'],
    ['../../../etc/hello-0.1.0.tgz', 'dir/hello-0.1.0.tgz'],
    ['/etc/hello-0.1.0.tgz', 'dir/hello-0.1.0.tgz'],
  ])('takes of a URL the last part alone: %s', (url, path) => {
    expect(withUrl(url)).toBe(path);
  });

  test.each([
    ['an escape in percent signs', '..%2F..%2Fhello-0.1.0.tgz'],
    ['one of Windows', '..\\..\\hello-0.1.0.tgz'],
    ['a drive', 'c:hello-0.1.0.tgz'],
    ['a folder', 'https://charts.example/..'],
    ['a hidden file', '.hello-0.1.0.tgz'],
    ['an end that is no archive', 'oci://registry.example/hello:0.1.0'],
    ['nothing', ''],
    ['a NUL character', 'hello%00.tgz'],
    ['a command to the terminal', 'hello\u001b[31m.tgz'],
    ['a name that runs backwards', 'hello\u202e.tgz'],
    ['broken percent signs', 'hello%zz.tgz'],
  ])('does not follow a name with %s', (_, url) => {
    expect(withUrl(url)).toMatch(/^index\.yaml: version 1 of "hello": expected a URL[\x20-\x7e]*$/);
  });

  test('has problems of single versions, which do no harm to the others', () => {
    const good = { version: '0.1.0', urls: ['good-0.1.0.tgz'] };
    const named = charts({
      'no\nversion': [{ urls: ['a.tgz'] }],
      nowhere: [{ version: '1' }],
      single: good,
      digest: [{ version: '1', urls: ['a.tgz'], digest: 'sha1:00' }],
      list: 'text',
      good: [good],
    });
    expect(named.map(({ path, problem }) => [path, problem?.message])).toEqual([
      [
        'index.yaml: version 1 of "no\\nversion"',
        'index.yaml: version 1 of "no\\nversion": expected a version, found none',
      ],
      [
        'index.yaml: version 1 of "nowhere"',
        'index.yaml: version 1 of "nowhere": expected a list of URLs, found none',
      ],
      ['dir/good-0.1.0.tgz', undefined],
      [
        'index.yaml: version 1 of "digest"',
        'index.yaml: version 1 of "digest": not a SHA-256 digest: "sha1:00"',
      ],
      ['index.yaml: version 1 of "list"', 'index.yaml: version 1 of "list": expected a version, found none'],
      ['dir/good-0.1.0.tgz', undefined],
    ]);
  });

  test('is refused when it names more versions than any does, which aliases make of a few bytes', () => {
    const aliases = Array.from({ length: 99 }, (_, i) => `  c${i}: *v\n`).join('');
    const yaml = `apiVersion: v1\nentries:\n  c: &v [${'x,'.repeat(3000)}]\n${aliases}`;
    expect(() => chartsOfIndex(yaml, 'index.yaml', '.')).toThrow(
      'the index index.yaml names 300000 charts, expected at most 250000',
    );
  });

  test.each([
    ['no YAML', 'a: [', 'expected index.yaml to be YAML'],
    ['another document', 'name: hello\nversion: 0.1.0\n', 'to be the index of a chart repository'],
    ['a list', '- a\n- b\n', 'to be the index of a chart repository'],
    ['nothing', '', 'expected index.yaml to be YAML'],
    ['without entries', 'apiVersion: v1\nentries: {}\n', 'the index index.yaml names no charts'],
  ])('is refused when it is %s', (_, yaml, message) => {
    expect(() => chartsOfIndex(yaml, 'index.yaml', '.')).toThrow(InputError);
    expect(() => chartsOfIndex(yaml, 'index.yaml', '.')).toThrow(message);
  });
});
