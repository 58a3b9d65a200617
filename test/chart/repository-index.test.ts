import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { ChartFiles } from '../../src/chart/chart-files.ts';
import { chartsOfIndex as chartsOf } from '../../src/chart/local/index-file.ts';
import { InputError } from '../../src/errors.ts';
import { expectedOf, problemOf } from '../support/charts-named.ts';

const digest = 'ab'.repeat(32);

function chartsOfIndex(yaml: string, place: string, directory: string) {
  return [...chartsOf(Buffer.from(yaml), place, directory)];
}

function charts(entries: unknown, apiVersion: unknown = 'v1') {
  return chartsOfIndex(dump({ apiVersion, entries, generated: '2026-01-01T00:00:00Z' }), 'index.yaml', 'dir');
}

/** What is said of a version with this URL. */
function withUrl(url: unknown) {
  const [chart] = charts({ hello: [{ name: 'hello', version: '0.1.0', urls: [url], digest }] });
  return problemOf(chart)?.message ?? chart?.label;
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
    expect(charts(entries).map((chart) => ({ label: chart.label, expected: expectedOf(chart) }))).toEqual([
      {
        label: 'dir/hello-0.2.0.tgz',
        expected: { names: ['hello'], version: '0.2.0', signedName: 'hello-0.2.0.tgz', sha256: digest },
      },
      {
        label: 'dir/hello-0.1.0.tgz',
        expected: { names: ['hello'], version: '0.1.0', signedName: 'hello-0.1.0.tgz' },
      },
      {
        label: 'dir/other-1.0.0+build.tgz',
        expected: { names: ['other'], version: '1.0.0+build', signedName: 'other-1.0.0+build.tgz' },
      },
    ]);
  });

  test.each([
    ['a list', [digest]],
    ['a mapping', { sha256: digest }],
    ['no digest', 'zz'],
    ['null', null],
  ])('does not pass over a digest that is %s', (_, value) => {
    const [chart] = charts({ hello: [{ version: '0.1.0', urls: ['hello-0.1.0.tgz'], digest: value }] });
    expect(problemOf(chart)).toBeInstanceOf(InputError);
    expect(expectedOf(chart)).toBeUndefined();
  });

  test('reads versions as text, not as numbers', () => {
    const yaml = "apiVersion: v1\nentries:\n  hello:\n  - version: '1.10'\n    urls: [hello-1.10.tgz]\n";
    expect(chartsOfIndex(yaml, 'index.yaml', '.')).toMatchObject([
      { label: 'hello-1.10.tgz', expected: { signedName: 'hello-1.10.tgz' } },
    ]);
    const [unquoted] = chartsOfIndex(yaml.replaceAll("'", ''), 'index.yaml', '.');
    expect(problemOf(unquoted)?.message).toBe(
      'index.yaml: version 1 of "hello": expected a version in quotes, found the number "1.10"',
    );
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
    ['an end that is no archive', 'https://charts.example/hello:0.1.0'],
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
    expect(named.map((chart) => [chart.label, problemOf(chart)?.message])).toEqual([
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
      'expected at most 1000 versions that make no sense, found more',
    );
  });

  test.each([
    ['in capitals', digest.toUpperCase()],
    ['with its algorithm', `sha256:${digest}`],
    ['with its algorithm, all in capitals', `SHA256:${digest.toUpperCase()}`],
  ])('may have digests %s', (_, value) => {
    const [chart] = charts({ hello: [{ version: '0.1.0', urls: ['hello-0.1.0.tgz'], digest: value }] });
    expect(expectedOf(chart)?.sha256).toBe(digest);
  });

  test('may have charts in folders, and calls them by the last part of their name', () => {
    const [chart] = charts({ 'team/hello': [{ version: '0.1.0', urls: ['team/hello-0.1.0.tgz'] }] });
    expect(expectedOf(chart)).toMatchObject({ names: ['hello'], signedName: 'hello-0.1.0.tgz' });
  });

  test('that calls one chart two names is taken by both words', () => {
    const [chart] = charts({ hello: [{ name: 'other', version: '0.1.0', urls: ['hello-0.1.0.tgz'] }] });
    expect(expectedOf(chart)?.names).toEqual(['hello', 'other']);
  });

  test('may name a registry: the archive has the name under which helm pull saves it', async () => {
    const url = 'oci://registry.example/charts/hello:0.1.0_build';
    const [chart] = charts({ hello: [{ version: '0.1.0+build', urls: [url] }] });
    expect(chart?.label).toBe('dir/hello-0.1.0+build.tgz');
    await expect((chart as ChartFiles).archive()).rejects.toMatchObject({
      hint: `it is in a registry: fetch it with helm pull ${url} --prov, into the folder of the archives`,
    });
  });

  test('does not follow a name into other folders that it makes of a registry', () => {
    const [chart] = charts({ '..': [{ version: '/../../x', urls: ['oci://registry.example/x'] }] });
    expect(problemOf(chart)).toBeInstanceOf(InputError);
  });

  test('of a large one says the same in pieces, as YAML and as JSON, what is said of it as a whole', () => {
    const version = (name: string, i: number) => ({
      name,
      version: `1.0.${i}`,
      urls: [`https://charts.example/${name}-1.0.${i}.tgz`],
      description: '- a list?\nentries:\n  x: |\n',
      digest,
    });
    const entries = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [name, Array.from({ length: 1200 }, (_, i) => version(name, i))]),
    );
    const document = { apiVersion: 'v1', entries, generated: '2026-01-01T00:00:00Z' };
    const yaml = dump(document);
    expect(yaml.length).toBeGreaterThan(1 << 19);
    const found = chartsOfIndex(yaml, 'index.yaml', 'dir');
    expect(found).toHaveLength(3600);
    expect(found[3599]).toMatchObject({
      label: 'dir/c-1.0.1199.tgz',
      expected: { names: ['c'], version: '1.0.1199', sha256: digest },
    });
    expect(chartsOfIndex(JSON.stringify(document), 'index.yaml', 'dir')).toEqual(found);
  });

  test.each([
    ['no YAML', 'a: [', 'expected YAML, found '],
    ['another document', 'name: hello\nversion: 0.1.0\n', 'to be the index of a chart repository'],
    ['a list', '- a\n- b\n', 'to be the index of a chart repository'],
    ['nothing', '', 'expected YAML, found '],
    ['without entries', 'apiVersion: v1\nentries: {}\n', 'the index index.yaml names no charts'],
  ])('is refused when it is %s', (_, yaml, message) => {
    expect(() => chartsOfIndex(yaml, 'index.yaml', '.')).toThrow(InputError);
    expect(() => chartsOfIndex(yaml, 'index.yaml', '.')).toThrow(message);
  });
});
