import { describe, expect, it } from 'vitest';
import { askedFile, askedIndexed, askedOfRepository, askedReference } from '../../src/policy/asked-chart.ts';
import { chooseRule } from '../../src/policy/choose-rule.ts';
import type { AskedChart } from '../../src/policy/asked-chart.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';

const policy = parsePolicy(`version: 1
rules:
  - {name: platform, charts: ["oci://registry.acme.example/platform/*", "https://charts.acme.example/platform/**"], signedBy: any}
  - {name: hub, charts: ["oci://registry-1.docker.io/acme/*"], signedBy: any}
  - {name: team, charts: ["https://charts.acme.example/get?chart=team%2F*", "https://charts.acme.example/x/*?tenant=team"], signedBy: any}
  - {name: hello, charts: [hello], signedBy: any}
  - {name: hello family, charts: ["hello-*"], signedBy: any}
  - {name: tools, charts: ["tool-*"], origin: any, signedBy: any}
  - {name: loose, charts: ["https://**", "oci://**"], signedBy: any, level: warn}
`);

/** The rule for what was asked for, or why there is none. */
function ruleFor(ask: () => AskedChart): string {
  let asked: AskedChart;
  try {
    asked = ask();
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
  const chosen = chooseRule(policy, asked);
  return chosen.kind === 'rule' ? chosen.rule.name : chosen.kind;
}

describe('a reference has the rule of its normal form', () => {
  it.each([
    ['oci://registry.acme.example/platform/app', 'platform'],
    ['oci://registry.acme.example/platform/app:1.2.3', 'platform'],
    [`oci://registry.acme.example/platform/app@sha256:${'0'.repeat(64)}`, 'platform'],
    [`oci://registry.acme.example/platform/app:1.2.3@sha256:${'0'.repeat(64)}`, 'platform'],
    ['OCI://REGISTRY.acme.example:443/platform/app', 'platform'],
    ['oci://registry.acme.example/platform/sub/app', 'loose'],
    ['oci://docker.io/acme/app', 'hub'],
    ['oci://index.docker.io/acme/app:1.2.3', 'hub'],
    ['oci://registry-1.docker.io/acme/app', 'hub'],
    ['https://charts.acme.example/platform/app-1.0.0.tgz', 'platform'],
    ['https://charts.acme.example/platform/app-1.0.0.tgz?X-Amz-Date=a%2Bb%3D', 'platform'],
    ['sigstore+https://charts.acme.example/platform/app-1.0.0.tgz', 'platform'],
    ['sigstore+oci://registry.acme.example/platform/app', 'platform'],
    ['HTTPS://Charts.ACME.example:443/platform/app-1.0.0.tgz', 'platform'],
    ['https://charts.acme.example/x/../platform/app-1.0.0.tgz', 'platform'],
    ['https://charts.acme.example/platform/app-1.0.0.tgz#name=other', 'platform'],
    ['https://charts.acme.example/platform/app-1.0.0.tgz?x=1', 'platform'],
    ['https://charts.acme.example/platform/app-1.0.0.tgz?X-Amz-Credential=a%2Feu%2Fs3%40x', 'platform'],
    ['https://charts.acme.example/get?chart=team%2Fapp', 'team'],
    ['https://charts.acme.example/get?chart=team%2fapp', 'team'],
    ['https://charts.acme.example/get?chart=team/app', 'team'],
    ['https://charts.acme.example/other/app-1.0.0.tgz', 'loose'],
    ['https://elsewhere.example/tool-x-1.0.0.tgz', 'tools'],
    ['oci://elsewhere.example/tool-x:1.0.0', 'tools'],
    ['http://charts.acme.example/platform/app-1.0.0.tgz', 'otherwise'],
  ])('%s: %s', (reference, rule) => {
    expect(ruleFor(() => askedReference(reference))).toBe(rule);
  });

  it.each([
    ['an encoded letter in the query', 'https://charts.acme.example/get?chart=te%61m/app'],
    ['more characters than any', `https://charts.acme.example/${'a'.repeat(9000)}`],
    ['a dot behind the host', 'https://charts.acme.example./platform/app-1.0.0.tgz'],
    ['an encoded letter', 'https://charts.acme.example/pl%61tform/app-1.0.0.tgz'],
    ['an encoded plus', 'https://charts.acme.example/platform%2Bmore/app-1.0.0.tgz'],
    ['an encoded at sign', 'https://charts.acme.example/platform%40acme/app-1.0.0.tgz'],
    ['an encoded bracket', 'https://charts.acme.example/platform%5B/app-1.0.0.tgz'],
    ['an encoded slash', 'https://charts.acme.example/platform%2Fapp-1.0.0.tgz'],
    ['encoded dots', 'https://charts.acme.example/x/%2e%2e/platform/app-1.0.0.tgz'],
    ['a backslash', 'https://charts.acme.example\\platform\\app-1.0.0.tgz'],
    ['credentials', 'https://a:b@charts.acme.example/platform/app-1.0.0.tgz'],
    ['an empty user', 'https://@charts.acme.example/platform/app-1.0.0.tgz'],
    ['an empty part of the path', 'https://charts.acme.example//platform/app-1.0.0.tgz'],
    ['a blank', ' https://charts.acme.example/platform/app-1.0.0.tgz'],
    ['a newline, which the URL standard drops', 'https://charts.acme.example/plat\nform/app-1.0.0.tgz'],
    ['a registry in upper case', 'oci://registry.acme.example/Platform/app'],
    ['dots in a registry', 'oci://registry.acme.example/x/../platform/app'],
    ['a query on the host of a registry', 'oci://registry.acme.example?x/platform/app'],
    ['credentials of a registry', 'oci://a@registry.acme.example/platform/app'],
    ['no host', 'https:///platform/app-1.0.0.tgz'],
  ])('one with %s is refused, for it could be written otherwise', (_, reference) => {
    expect(ruleFor(() => askedReference(reference))).toMatch(/^refused: /);
  });
});

describe('a chart of a repository has the rule of URL/NAME', () => {
  it.each([
    ['https://charts.acme.example/platform', 'app', 'platform'],
    ['https://charts.acme.example/platform/', 'app', 'platform'],
    ['https://CHARTS.acme.example:443/platform', 'tool-x', 'platform'],
    ['https://elsewhere.example', 'tool-x', 'tools'],
    ['https://elsewhere.example', 'app', 'loose'],
    ['https://charts.acme.example/x?tenant=team', 'app', 'team'],
    ['https://charts.acme.example/x/?tenant=team', 'app', 'team'],
    ['https://charts.acme.example/x?tenant=other', 'app', 'loose'],
    ['https://charts.acme.example/x', 'app', 'loose'],
    ['sigstore+https://charts.acme.example/platform', 'app', 'platform'],
    ['https://charts.acme.example', 'platform/app', 'platform'],
    ['https://charts.acme.example/x?tenant=team', 'app', 'team'],
    ['https://charts.acme.example?tenant=team', 'x/app', 'team'],
    ['https://elsewhere.example', 'team/tool-x', 'tools'],
    ['oci://registry.acme.example/platform', 'app', 'platform'],
    ['sigstore+oci://registry.acme.example/platform/app', 'app', 'platform'],
    ['sigstore+oci://registry.acme.example/other/tool-x', 'tool-x', 'tools'],
  ])('%s and %s: %s', (url, name, rule) => {
    expect(ruleFor(() => askedOfRepository(url, name))).toBe(rule);
  });

  it('but the one chart of a repository of a registry has the name of that', () => {
    const ask = () => askedOfRepository('sigstore+oci://registry.acme.example/platform/app', 'weak');
    expect(ruleFor(ask)).toMatch(/^refused/);
  });

  const NO_NAMES = ['../platform', 'a/../b', 'a/.', '/a', 'a/', 'a//b', '', 'a%2fb', 'a?b', 'a#b', 'a\\b'];
  it.each(NO_NAMES)('no chart is named %j', (name) => {
    expect(ruleFor(() => askedOfRepository('https://elsewhere.example', name))).toMatch(/^refused/);
  });
});

describe('a file has the rule of the name in its file name', () => {
  it.each([
    ['hello-1.0.0.tgz', 'hello'],
    ['hello-1.0.0-1.tgz', 'hello'],
    ['hello-1.0.0-rc.1+build-7.tgz', 'hello'],
    ['hello-world-1.0.0.tgz', 'hello family'],
    ['hello-v1.2.tgz', 'hello'],
    ['Hello-1.0.0.tgz', 'otherwise'],
    ['download.tgz', 'nameless'],
    ['tool-x-1.0.0.tgz', 'tools'],
    // hello 1.0.0-2.0.0, or hello-1.0.0 2.0.0.
    ['hello-1.0.0-2.0.0.tgz', 'ambiguous'],
    ['tool-1.0.0-2.0.0.tgz', 'ambiguous'],
    ['tool-x-1.0.0-2.0.0.tgz', 'tools'],
    ['.tgz', 'nameless'],
    ['hello-1.0.0.TGZ', 'nameless'],
  ])('%s: %s', (name, rule) => {
    expect(ruleFor(() => askedFile(name))).toBe(rule);
  });

  it('one of an index has the rule of the name that the index gives it; of two names, of both', () => {
    expect(ruleFor(() => askedIndexed(['hello'], '1.0.0'))).toBe('hello');
    expect(ruleFor(() => askedIndexed(['hello', 'tool-x'], '1.0.0'))).toBe('ambiguous');
    expect(ruleFor(() => askedIndexed([`tool-${'x'.repeat(255)}`], '1.0.0'))).toBe('nameless');
  });

  it('one without the name of a chart has no weaker rule than one with it, at a URL neither', () => {
    const loose = 'name: loose, charts: ["https://**"], signedBy: any, level: warn';
    const named = parsePolicy(
      `version: 1\nrules: [{name: all, charts: ["*"], origin: any, signedBy: any}, {${loose}}]\notherwise: allow`,
    );
    for (const asked of [askedFile('x.tgz'), askedReference('https://elsewhere.example/x.tgz')])
      expect(chooseRule(named, asked).kind).toBe('nameless');
    const first = parsePolicy(
      `version: 1\nrules: [{${loose}}, {name: all, charts: ["*"], origin: any, signedBy: any}]`,
    );
    expect(chooseRule(first, askedReference('https://elsewhere.example/x.tgz')).kind).toBe('rule');
  });

  it('and no rule for references, whatever it is called', () => {
    const loose = parsePolicy('version: 1\nrules: [{name: all, charts: ["*://**"], signedBy: any}]');
    expect(chooseRule(loose, askedFile('hello-1.0.0.tgz')).kind).toBe('otherwise');
  });
});
