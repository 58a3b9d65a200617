import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { chartsOfIndex } from '../../src/chart/local/index-file.ts';
import { InputError } from '../../src/errors.ts';
import { problemOf } from '../support/charts-named.ts';

/** More than what is parsed as a whole. */
const LARGE = 1 << 19;

const forms = [
  ['YAML', (text: string) => yamlOf(text, 0)],
  ['YAML in pieces', (text: string) => yamlOf(text, LARGE)],
  ['JSON', (text: string) => jsonOf(text, 0)],
  ['large JSON', (text: string) => jsonOf(text, LARGE)],
] as const;

/** Every row is JSON, in which members can be doubled, and becomes YAML line by line. */
function yamlOf(json: string, size: number): string {
  const names: string[] = [];
  // A doubled member is told from the first by a mark.
  const marked = json.replace(/"([^"\\]*)":/g, (_, name: string) => `"${name}#${names.push(name)}":`);
  const lines = dump(JSON.parse(marked)).replace(/['"]?([^\n:'"]*)#[0-9]+['"]?:/g, '$1:');
  return `${lines}${comment(size)}\n`;
}

function comment(size: number): string {
  return `# ${'x'.repeat(size)}`;
}

function jsonOf(json: string, size: number): string {
  return ' '.repeat(0) + json + ' '.repeat(size);
}

const good = '"name":"hello","version":"0.1.0","urls":["hello-0.1.0.tgz"]';
const whole = (versions: string) => `{"apiVersion":"v1","entries":{"hello":[${versions}]}}`;
const version = (members: string) => whole(`{${members}}`);

function outcome(text: string): string {
  try {
    const [chart] = chartsOfIndex(Buffer.from(text), 'index.yaml', '.');
    return problemOf(chart)?.message ?? chart?.label ?? '';
  } catch (error) {
    return error instanceof InputError ? error.message : 'a bug';
  }
}

describe.each(forms)('an index in %s', (_, form) => {
  test('has one reading if all names are as Helm writes them', () => {
    expect(outcome(form(version(good)))).toBe('hello-0.1.0.tgz');
    expect(outcome(form(version(`${good},"annotations":{"a":"1","A":"2"}`)))).toBe('hello-0.1.0.tgz');
  });

  test('may have charts whose names differ in case only', () => {
    const text = `{"apiVersion":"v1","entries":{"hello":[{${good}}],"Hello":[{${good}}]}}`;
    expect(outcome(form(text))).toBe('hello-0.1.0.tgz');
  });

  test.each([
    ['URLs beside urls', version(`${good},"URLs":["evil-0.1.0.tgz"]`)],
    ['URLs in front of urls', version(`"URLs":["evil-0.1.0.tgz"],${good}`)],
    ['urls with a long s', version(`${good},"url\u017f":["evil-0.1.0.tgz"]`)],
    ['URLS alone', version(`"version":"0.1.0","URLS":["hello-0.1.0.tgz"]`)],
    ['Version beside version', version(`${good},"Version":"0.2.0"`)],
    ['Name beside name', version(`${good},"Name":"evil"`)],
    ['Name alone', version(`"Name":"evil","version":"0.1.0","urls":["hello-0.1.0.tgz"]`)],
    ['Digest alone', version(`${good},"Digest":"${'ab'.repeat(32)}"`)],
    ['other members twice', version(`${good},"home":"a","Home":"b"`)],
    ['a merge key', version(`${good},"<<":{"version":"0.2.0"}`)],
    ['a merge key for entries', `{"apiVersion":"v1","entries":{"hello":[{${good}}],"<<":{"x":[{${good}}]}}}`],
    ['a merge key for all', `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"<<":{"entries":{}}}`],
    ['Entries beside entries', `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"Entries":{}}`],
    ['Entries in front', `{"Entries":{"x":[{${good}}]},"apiVersion":"v1","entries":{"hello":[{${good}}]}}`],
    ['Entries alone', `{"apiVersion":"v1","Entries":{"hello":[{${good}}]}}`],
    ['APIVersion beside it', `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"APIVersion":"v2"}`],
    ['apiversion alone', `{"apiversion":"v1","entries":{"hello":[{${good}}]}}`],
    [
      'generated twice',
      `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"generated":"a","Generated":"b"}`,
    ],
  ])('can be read in two ways if it has %s', (_name, text) => {
    expect(outcome(form(text))).toContain('can be read in two ways');
  });

  test.each([
    ['urls twice', version(`${good},"urls":["evil-0.1.0.tgz"]`)],
    ['version twice', version(`${good},"version":"0.2.0"`)],
    ['apiVersion twice', `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"apiVersion":"v2"}`],
    ['entries twice', `{"apiVersion":"v1","entries":{"hello":[{${good}}]},"entries":{"x":[{${good}}]}}`],
    ['a chart twice', `{"apiVersion":"v1","entries":{"hello":[{${good}}],"hello":[{${good}}]}}`],
    [
      'a chart twice, apart',
      `{"apiVersion":"v1","entries":{"hello":[{${good}}],"x":[{${good}}],"hello":[{${good}}]}}`,
    ],
  ])('is refused if it has %s', (_name, text) => {
    expect(outcome(form(text))).toMatch(
      /^expected index\.yaml to be the index of a chart repository: .*(?:twice|duplicated|once|two ways)/,
    );
  });

  test.each([
    ['a mapping', '{"0":"hello-0.1.0.tgz"}'],
    ['a mapping with a merge key', '{"<<":["hello-0.1.0.tgz"]}'],
    ['a text', '"hello-0.1.0.tgz"'],
    ['a list in a list', '[["hello-0.1.0.tgz"]]'],
    ['a mapping in a list', '[{"<<":"hello-0.1.0.tgz"}]'],
  ])('does not follow urls that are %s', (_name, urls) => {
    expect(outcome(form(version(`"version":"0.1.0","urls":${urls}`)))).toContain('expected a list of URLs');
  });
});

describe('a large index in YAML', () => {
  const head = 'apiVersion: v1\n';
  const entries = 'entries:\n  hello:\n  - version: 0.1.0\n    urls: [hello-0.1.0.tgz]\n';
  const evil = '  evil:\n  - version: 0.1.0\n    urls: [evil-0.1.0.tgz]\n';

  test.each([
    ['by another spelling', `"entr\\x69es":\n${evil}`],
    ['with a tag', `!!str entries:\n${evil}`],
    ['with a mark of their own', `&a entries:\n${evil}`],
    ['as a key of many lines', `? entries\n:\n${evil}`],
    ['in another document', `---\nentries:\n${evil}`],
  ])('does not have a second list of entries %s', (_, second) => {
    expect(outcome(head + entries + second + comment(LARGE))).toMatch(/^expected index\.yaml to be/);
    expect(outcome(head + second + entries + comment(LARGE))).toMatch(/^expected index\.yaml to be/);
  });
});
