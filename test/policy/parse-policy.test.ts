import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { PolicyError } from '../../src/policy/policy-error.ts';

const FINGERPRINT = 'F1225FFFEF327BE2C6E6C3C5C010E9C64672197F';
const DIGEST = `sha256:${'0a'.repeat(32)}`;

const WHOLE = `version: 1
keys: [keys/acme.asc]                 # a comment
trustedRoot: sigstore
logs:
  - url: https://Rekor.Acme.example:443/
    publicKeys: [keys/rekor.pem]
    checkpoints: [keys/seen.txt]
rules:
  - name: platform
    charts: ["oci://registry.acme.example/platform/*", "https://charts.acme.example/**"]
    signedBy:
      - openpgp: ${FINGERPRINT}
      - identity: https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/*
        issuer: https://token.actions.githubusercontent.com
      - key: keys/release.pem
    atLeast: 2
    consistency: required
    proof: required
    maxAge: 365d
  - name: pinned
    charts: ["https://charts.example.org/redis"]
    level: warn
    signedBy: [{ digest: "${DIGEST}", until: 2027-06-30, reason: "unsigned upstream, reviewed" }]
  - name: by name
    charts: [hello*, "*"]
    origin: any
    signedBy: any
otherwise: warn
unpacked: allow
`;

it('a whole policy is read', () => {
  const policy = parsePolicy(WHOLE);
  expect(policy).toMatchObject({
    keys: [{ value: 'keys/acme.asc', at: { line: 2, column: 8 } }],
    logs: [{ url: { value: 'https://rekor.acme.example' }, checkpoints: [{ value: 'keys/seen.txt' }] }],
    rules: [
      {
        name: 'platform',
        at: { line: 9, column: 5 },
        level: 'enforce',
        origin: 'file',
        atLeast: 2,
        maxAge: 365 * 24 * 3600,
        consistency: 'required',
        proof: 'required',
        signedBy: [
          { kind: 'openpgp', fingerprint: FINGERPRINT.toLowerCase() },
          { kind: 'identity' },
          { kind: 'key' },
        ],
      },
      {
        level: 'warn',
        signedBy: [
          { kind: 'digest', until: Date.parse('2027-07-01T00:00:00Z') / 1000, lastDay: '2027-06-30' },
        ],
      },
      { origin: 'any', signedBy: [{ kind: 'any' }], charts: [{ of: 'name' }, { of: 'name' }] },
    ],
    otherwise: 'warn',
    unpacked: 'allow',
    dependencyUpdate: 'deny',
  });
});

it('the policy of docs/policy.md is read', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
  const example = page.split('```yaml\n')[1]?.split('```')[0] ?? '';
  expect(parsePolicy(example).rules.map(({ name }) => name)).toEqual([
    'platform',
    'files of the team',
    'reviewed',
  ]);
});

it('the policy of docs/gate.md is read', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/gate.md'), 'utf8');
  const lines = (page.split('```yaml\n')[1]?.split('```')[0] ?? '').replace(/^ {3}/gm, '');
  expect(parsePolicy(lines).rules).toMatchObject([{ name: 'acme', charts: [{}, {}] }]);
});

it('what is absent is the strictest, except that nothing more is required', () => {
  expect(parsePolicy('version: 1\n')).toEqual({
    keys: undefined,
    trustedRoot: undefined,
    logs: [],
    rules: [],
    otherwise: 'deny',
    unpacked: 'deny',
    dependencyUpdate: 'deny',
  });
});

it('a policy in JSON, or with a byte order mark and line ends of Windows, is the same policy', () => {
  expect(parsePolicy('{"version": "1", "otherwise": "warn"}').otherwise).toBe('warn');
  expect(parsePolicy('\ufeffversion: 1\r\notherwise: warn\r\n').otherwise).toBe('warn');
});

/** A rule with these members, beside those that every rule has. */
function rule(members: string, signedBy = 'any', charts = '"hello"'): string {
  return `version: 1\nrules:\n  - name: r\n    charts: [${charts}]\n    signedBy: ${signedBy}\n${members}`;
}

function pattern(text: string): string {
  return rule('', 'any', JSON.stringify(text));
}

/** Rules of 200 patterns, all of which are different. */
function manyPatterns(count: number, length: number): string {
  const patterns = Array.from({ length: count }, (_, n) => String(n).padStart(length, 'a'));
  const rules = Array.from({ length: Math.ceil(count / 200) }, (_, n) => {
    const charts = patterns.slice(200 * n, 200 * (n + 1));
    return `- {name: r${n}, signedBy: any, charts: [\n  ${charts.join(',\n  ')}]}\n`;
  });
  return `version: 1\nrules:\n${rules.join('')}`;
}

function identity(text: string, beside = ', issuer: https://issuer.example'): string {
  return rule('', `[{identity: ${JSON.stringify(text)}${beside}}]`);
}

/** Each with where the mistake is, and how it is said. */
const MISTAKES: Readonly<Record<string, readonly [text: string, at: string, says: RegExp]>> = {
  nothing: ['', '1:1', /expected a policy, found nothing/],
  'only a comment': ['# version: 1\n', '1:1', /expected a policy, found nothing/],
  'a text': ['version', '1:1', /expected a policy with its members, found "version"/],
  'a list': ['- version: 1', '1:1', /found a list/],
  'no version': ['rules: []', '1:1', /to have version/],
  'a later version': ['version: 2\n', '1:10', /expected version 1 of policies, found "2"/],
  'a version that is a number in another form': ['version: 0x1', '1:10', /found "0x1"/],
  'no YAML': ['version: 1\nrules: [\n', '3:1', /expected YAML/],
  'an unknown member': ['version: 1\n\notherwize: deny\n', '3:1', /found "otherwize"/],
  'an unknown member of a rule': [
    rule('    signedby: any\n'),
    '6:5',
    /expected a member of a rule, found "signedby"/,
  ],
  'a member that stands twice': [
    'version: 1\notherwise: deny\notherwise: allow\n',
    '3:1',
    /"otherwise" once.*line 2/,
  ],
  'a member that stands twice, once in quotes': [
    'version: 1\notherwise: deny\n"otherwise": allow\n',
    '3:1',
    /once/,
  ],
  'a member that stands twice, once as an escape': [
    'version: 1\notherwise: deny\n"\\x6ftherwise": allow\n',
    '3:1',
    /once/,
  ],
  'an anchor': ['version: &one 1\n', '1:11', /no anchor of YAML/],
  'an alias': ['version: 1\nkeys: *a\n', '2:8', /no alias|unidentified alias/],
  'a merge': ['version: 1\n<<: {otherwise: allow}\n', '2:1', /no merge of YAML/],
  'a tag': ['version: !!int 1\n', '1:10', /no tag of YAML/],
  'a tag of our own': ['version: 1\nrules: !include others.yaml\n', '2:8', /no tag/],
  'a directive': ['%YAML 1.1\n---\nversion: 1\n', '1:1', /without directives/],
  'two documents': ['version: 1\n---\nversion: 1\notherwise: allow\n', '3:1', /one document/],
  'a list as a name': ['version: 1\n? [otherwise]\n: allow\n', '2:3', /the name of a member/],
  'a control': ['version: 1\nkeys: ["a\u0000"]\n', '2:10', /found U\+0000/],
  'a text that runs from right to left': [
    'version: 1 # \u202e ok\notherwise: allow\n',
    '1:14',
    /found U\+202E/,
  ],
  'a line end that only some readers know': ['version: 1 # \u2028otherwise: allow\n', '1:14', /U\+2028/],
  'a return alone, behind a comment': ['version: 1 # deny\rotherwise: allow\n', '1:18', /U\+000D/],
  'a byte order mark inside': ['version: 1\n\ufeffotherwise: allow\n', '2:1', /U\+FEFF/],
  'a mark of no width in a name': ['version: 1\nother\u200bwise: allow\n', '2:6', /U\+200B/],
  'deeper than any policy': [`version: 1\nrules: ${'['.repeat(40)}${']'.repeat(40)}\n`, '', /expected YAML/],
  'another word': ['version: 1\notherwise: Allow\n', '2:12', /deny or warn or allow, found "Allow"/],
  'a list for a word': ['version: 1\notherwise: [allow]\n', '2:12', /to be a text, found a list/],
  'an empty list': ['version: 1\nkeys: []\n', '2:7', /to have an item/],
  'nothing for a list': ['version: 1\nkeys:\nrules:\n', '', /keys to be a list, found nothing/],
  'an absolute path': ['version: 1\nkeys: [/etc/keys]\n', '2:8', /beside the policy/],
  'a path that leads out': ['version: 1\nkeys: [keys/../../secret]\n', '2:8', /beside the policy/],
  "a name of Kubernetes' own": ['version: 1\nkeys: [..data/acme.asc]\n', '2:8', /beside the policy/],
  'a path of Windows': ['version: 1\nkeys: ["C:keys"]\n', '2:8', /beside the policy/],
  'a log that is no URL': ['version: 1\nlogs: [{url: rekor.example}]\n', '2:14', /https URL of a log/],
  'a log with credentials': ['version: 1\nlogs: [{url: "https://u:p@rekor.example"}]\n', '2:14', /user name/],
  'a log that stands twice': [
    'version: 1\nlogs: [{url: https://rekor.example}, {url: https://REKOR.example:443/}]\n',
    '2:44',
    /each log once/,
  ],
  'two rules with one name': [
    `version: 1\nrules:\n- {name: r, charts: [a], signedBy: any}\n- {name: r, charts: [b], signedBy: any}\n`,
    '4:3',
    /a name of its own, found "r" again.*line 3/,
  ],
  'a rule without a name': ['version: 1\nrules: [{charts: [a], signedBy: any}]\n', '2:9', /to have name/],
  'a rule without charts': ['version: 1\nrules: [{name: a, signedBy: any}]\n', '2:9', /to have charts/],
  'a rule without signers': ['version: 1\nrules: [{name: a, charts: [b]}]\n', '2:9', /to have signedBy/],
  'no signers': [rule('', '[]'), '5:15', /to have an item/],
  'a level of another word': [rule('    level: off\n'), '6:12', /enforce or warn/],
  ...Object.fromEntries(
    ['consistency: required', 'proof: required', 'maxAge: 1d'].map((demand) => [
      `a digest in a rule with ${demand}`,
      [
        rule(
          `    ${demand}\n`,
          `[{ digest: "sha256:${'0'.repeat(64)}", until: 2027-06-30, reason: reviewed }]`,
        ),
        '5:16',
        /no digest in a rule with/,
      ] as const,
    ]),
  ),
  'atLeast 0': [rule('    atLeast: 0\n'), '6:14', /a number from 1/],
  'atLeast above what there is': [rule('    atLeast: 2\n'), '6:14', /at most 1/],
  'a maxAge without a unit': [rule('    maxAge: 365\n'), '6:13', /such as 365d/],
  'origin beside references alone': [
    rule('    origin: any\n', 'any', '"https://a.example/b"'),
    '6:5',
    /beside a pattern for names/,
  ],
  'a short key ID': [rule('', '[{openpgp: C010E9C64672197F}]'), '5:26', /found the key ID c010e9c64672197f/],
  'a shorter one': [rule('', '[{openpgp: "0x4672197F"}]'), '5:26', /found the key ID/],
  'a fingerprint with a letter too much': [rule('', `[{openpgp: ${FINGERPRINT}A}]`), '5:26', /40 or 64/],
  'one signer twice, in two spellings': [
    rule(
      '',
      `[{openpgp: ${FINGERPRINT}}, {openpgp: "${FINGERPRINT.toLowerCase().replace(/(....)/g, '$1 ')}"}]`,
    ),
    '',
    /each signer once/,
  ],
  'any twice': [rule('', '[any, any]'), '5:21', /each signer once/],
  'two kinds in one item': [rule('', `[{openpgp: ${FINGERPRINT}, key: a.pem}]`), '5:16', /one of openpgp/],
  'an item of no kind': [rule('', '[{issuer: https://a.example}]'), '5:16', /found none/],
  'an issuer beside a key': [
    rule('', '[{key: a.pem, issuer: https://a.example}]'),
    '5:29',
    /no issuer beside key/,
  ],
  'an identity without issuer': [identity('a@acme.example', ''), '5:16', /to have issuer/],
  'an issuer with a wildcard': [
    identity('a@acme.example', ', issuer: "https://*.example"'),
    '',
    /without wildcards/,
  ],
  'an identity with a wildcard for the host': [
    identity('https://*/acme/x'),
    '5:27',
    /no wildcard in scheme, host/,
  ],
  'an identity with a wildcard for the scheme': [
    identity('*://github.com/acme/x'),
    '5:27',
    /no wildcard in scheme/,
  ],
  'an identity with a wildcard for the owner': [
    identity('https://github.com/acme*/x@y'),
    '5:27',
    /no wildcard in/,
  ],
  'an identity with a wildcard that may be host and owner': [
    identity('https://git**/x'),
    '5:27',
    /an identity/,
  ],
  'an identity with a wildcard for the domain': [identity('a@*.acme.example'), '5:27', /domain of an e-mail/],
  'an identity that is all wildcard': [identity('**'), '5:27', /e-mail address, or a URL/],
  'an identity that is a domain': [identity('*@*'), '5:27', /no wildcard/],
  'a digest of another kind': [
    rule('', `[{digest: "sha512:00", until: 2027-01-01, reason: r}]`),
    '5:25',
    /sha256: and 64/,
  ],
  'a digest without an end': [rule('', `[{digest: "${DIGEST}", reason: r}]`), '5:16', /to have until/],
  'a digest without a reason': [
    rule('', `[{digest: "${DIGEST}", until: 2027-01-01}]`),
    '5:16',
    /to have reason/,
  ],
  'a day that does not exist': [
    rule('', `[{digest: "${DIGEST}", until: 2027-02-30, reason: r}]`),
    '',
    /to be a day/,
  ],
  'a pattern of many stars': [pattern('*'.repeat(10_000)), '4:14', /at most 1000 characters/],
  'more patterns than anybody reviews': [
    manyPatterns(2001, 4),
    '2014:3',
    /at most 2000 patterns for charts, of 131072 characters together, found more/,
  ],
  'patterns of more characters than anybody reviews': [
    manyPatterns(600, 240),
    '552:3',
    /at most 2000 patterns/,
  ],
  'a pattern with a plain slash in the query': [
    pattern('https://acme.example/get?chart=team/*'),
    '4:14',
    /would be written/,
  ],
  'a pattern with three stars': [pattern('a***'), '4:14', /three stars/],
  'a pattern with a host in upper case': [
    pattern('https://Acme.example/x'),
    '4:14',
    /would be written "https:\/\/acme/,
  ],
  'a pattern with a default port': [pattern('https://acme.example:443/**'), '4:14', /no reference can match/],
  'a pattern with a default port of a registry': [pattern('oci://acme.example:443/x'), '4:14', /can match/],
  'a pattern with a dot behind the host': [pattern('https://acme.example./x'), '4:14', /no dot at its end/],
  'a pattern with credentials': [pattern('https://user@acme.example/x'), '4:14', /no user name/],
  'a pattern with an encoded slash': [
    pattern('https://acme.example/a%2fb'),
    '4:14',
    /another way to write \//,
  ],
  'a pattern with an encoded letter': [pattern('https://acme.example/%61'), '4:14', /another way to write a/],
  'a pattern with dots': [pattern('https://acme.example/a/../b'), '4:14', /would be written/],
  'a pattern with backslashes': [pattern('https://acme.example\\x'), '4:14', /no backslashes/],
  'a pattern without a path': [pattern('https://acme.example'), '4:14', /would be written/],
  'a pattern with a tag': [pattern('oci://acme.example/a:1.0.0'), '4:14', /would be written/],
  'a pattern with a digest': [pattern('oci://acme.example/a@sha256:00'), '4:14', /would be written/],
  'a pattern of a registry in upper case': [pattern('oci://acme.example/A'), '4:14', /lower case/],
  'a pattern with a fragment': [pattern('https://acme.example/a#b'), '4:14', /would be written/],
  'a pattern under our own scheme': [pattern('sigstore+https://acme.example/a'), '4:14', /behind sigstore\+/],
  'a pattern for names with a slash': [pattern('platform/hello'), '4:14', /no name of a chart/],
  'a pattern for names with an @': [pattern('hello@1'), '4:14', /no name of a chart/],
};

describe('a mistake is found where it is', () => {
  it.each(Object.entries(MISTAKES))('%s', (_, [text, at, says]) => {
    const error = mistakeIn(text);
    expect(error.message).toMatch(says);
    if (at !== '') expect(`${error.at.line}:${error.at.column}`).toBe(at);
  });
});

function mistakeIn(text: string): PolicyError {
  try {
    parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('there was no mistake');
}

it.each([
  'https://*.acme.example/**',
  'https://charts.acme.example:8443/*',
  'https://charts.acme.example:*/*',
  '*://**',
  'https://**',
  'https://xn--bcher-kva.example/*',
  'https://[::1]/x',
  'oci://registry.acme.example/platform/*',
  'oci://**',
  'https://charts.acme.example/a%20b/*',
  's3://bucket/charts/*',
  'hello',
  'hello-*',
  '**',
])('the pattern %s matches something', (text) => {
  expect(parsePolicy(pattern(text)).rules).toHaveLength(1);
});

it('lines and columns count characters, as an editor does', () => {
  expect(mistakeIn('version: 1 # 😀\n# é\nkeys: ["é😀", /x]\n').at).toEqual({ line: 3, column: 14 });
});

it('no text is anything but a policy or a mistake', () => {
  const pieces = fc.constantFrom(
    ...WHOLE.split(/\b/),
    '&a',
    '*a',
    '!t',
    '<<',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>',
    '\n',
    '"',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      try {
        parsePolicy(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError);
      }
    }),
  );
});
