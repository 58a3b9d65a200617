import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutCredentials } from '../src/redaction.ts';
import { expectLinear } from './support/linear.ts';

describe('a URL is shown without its credentials', () => {
  it.each([
    ['https://ci:s3cr3t@charts.example/a.tgz?token=t0k3n', 'https://***@charts.example/a.tgz?***'],
    ['there is no file https://ci:s3cr3t@h/x#t0k3n.', 'there is no file https://***@h/x#***.'],
    [
      'a user alone, who may be a token: https://t0k3n@h/x',
      'a user alone, who may be a token: https://***@h/x',
    ],
    ['joined to a path: a/b/https:/ci:s3cr3t@h/x', 'joined to a path: a/b/https:/***@h/x'],
    ['without slashes: https:ci:s3cr3t@h/x', 'without slashes: https:***@h/x'],
    ['without a scheme: //ci:s3cr3t@h/x', 'without a scheme: //***@h/x'],
    ['of Windows: https:\\\\ci:s3cr3t@h\\x', 'of Windows: https:\\\\***@h\\x'],
    [
      'in quotes: "https://ci:s3cr3t@h", \'oci://ci:s3cr3t@h?t0k3n\'',
      'in quotes: "https://***@h", \'oci://***@h?***\'',
    ],
    ['as a value: --keyrng=https://ci:s3cr3t@h', 'as a value: --keyrng=https://***@h'],
    ['in another URL: https://p/https://ci:s3cr3t@h/x', 'in another URL: https://p/https://***@h/x'],
    ['behind another: https://h/?u=https://ci:s3cr3t@h/x', 'behind another: https://h/?***'],
    ['a password with signs: https://ci:s3/c?r#3t@h/x', 'a password with signs: https://***@h/x'],
    ['a password with @: https://ci:s3@cr3t@h/x', 'a password with @: https://***@h/x'],
    ['cut in the password: https://ci:s3cr3t...', 'cut in the password: https://***'],
    ['two: https://ci:s3cr3t@h,https://ci:s3cr3t@h2', 'two: https://***@h,https://***@h2'],
    ['no scheme: ci:s3cr3t@h:3128', 'no scheme: ***@h:3128'],
    ['no scheme: "ci:s3/cr3t@h"', 'no scheme: "***@h"'],
    ['as a variable: HTTPS_PROXY=ci:s3cr3t@h', 'as a variable: HTTPS_PROXY=***@h'],
    ['encoded: https://ci%3As3cr3t%40h/x', 'encoded: https://***@h/x'],
    ['encoded: https%3A%2F%2Fci%3as3cr3t%40h/x', 'encoded: https://***@h/x'],
    ['a blank in the password: https://ci:s3 cr3t@h/x?t0k3n', 'a blank in the password: https://***@h/x?***'],
    ['digits before it: https://ci:12 s3cr3t@h/x', 'digits before it: https://***@h/x'],
    ['a quote in it: https://ci:s3"cr3t@h/x', 'a quote in it: https://***@h/x'],
    ['a bracket and @ in it: https://ci:s3<cr@3 t@h/x', 'a bracket and @ in it: https://***@h/x'],
    ['a slash and a blank in it: https://ci:s3/c r3t@h/x', 'a slash and a blank in it: https://***@h/x'],
    ['@ before a blank in it: https://ci:s@3 cr3t@h/x', '@ before a blank in it: https://***@h/x'],
    ['a parameter: https://h/a.tgz;token=s3cr3t/x', 'a parameter: https://h/a.tgz;***'],
    ['a parameter and a query: https://h/a;v=1?t0k3n', 'a parameter and a query: https://h/a;***'],
    ['no scheme: ci:s3cr3t@h/x?token=t0k3n', 'no scheme: ***@h/x?***'],
    ['no scheme, one letter: c:s3cr3t@h/x', 'no scheme, one letter: ***@h/x'],
    ['joined to a path: /a/b/ci:s3cr3t@h/x?t0k3n', 'joined to a path: /a/b/***@h/x?***'],
    ['joined to a drive: C:\\a\\ci:s3cr3t@h/x#t0k3n', 'joined to a drive: C:\\a\\***@h/x#***'],
    ['with a line break: https://ci:s3\ncr3t@h/x', 'with a line break: https://***@h/x'],
  ])('%s', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });
});

describe('what has none stays as it is', () => {
  it.each([
    'no usable answer from http://127.0.0.1:3000: connection refused',
    'http://[::1]:3000/api/v1/log (default: https://rekor.sigstore.dev)',
    'oci://localhost:5000/charts/hello@sha256:ab',
    'https://registry.example/@scope/name',
    'localhost:5000/charts/hello@sha256:ab and charts/hello:1.2.3@sha256:ab and hello:1@sha256:ab',
    'https://charts.example/a%2Fb/100%25 and the chart a%40b.tgz of git@charts.example:team/a',
    '/home/me/a//b@c/d.tgz and C:\\Users\\me@work\\a.tgz',
    'Example Publisher <publisher@example.com>',
    'the address https://keys.example/pks/lookup?op=get&search=0x0123456789ABCDEF: compare it',
    'Hint: what now? a#b',
    'http://rekor.example:3000 "gives" <b@c>, http://localhost:3000 a@b, https://h/x; a=b and https://h/x <a@b>',
    'git@charts.example:team/a@b and C:/Users/me@work/a.tgz',
  ])('%s', (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });
});

const SIGNS = Array.from('abcXYZ019%-._~!$&*+,;=:@');
const word = fc.string({ minLength: 1, unit: fc.constantFrom(...SIGNS) });
/** No URL holds them, and users write them into one. */
const oddWord = fc.string({ minLength: 1, unit: fc.constantFrom(...SIGNS, ' ', '"', '<', '>', '`') });
const secret = (text: string) => `<${text}>`.replaceAll(/[<>]/g, 'S');

it('no user name, password or query is left, wherever the URL stands', () => {
  const scheme = fc.constantFrom('https', 'http', 'oci', 'ftp', 'git+ssh', 'HTTPS');
  const around = fc.constantFrom('', ' ', '"', "'", '(', 'x=', '/tmp/');
  const separator = fc.constantFrom('?', '#', ';token=');
  fc.assert(
    fc.property(
      scheme,
      around,
      word,
      oddWord,
      separator,
      word,
      (name, before, user, password, mark, query) => {
        const url = `${name}://${secret(user)}:${secret(password)}@host.example/a.tgz${mark}${secret(query)}`;
        const shown = withoutCredentials(`found ${before}${url} there`);
        expect(shown).toContain('host.example/a.tgz');
        for (const each of [user, password, query]) expect(shown).not.toContain(secret(each));
      },
    ),
  );
});

it('no user name, password or query is left where the URL has no scheme', () => {
  const around = fc.constantFrom('', '"', "'", '(', 'x=', '--keyring=', '/tmp/', './', 'a/b/', 'C:\\a\\');
  const simple = word.map((text) => text.replaceAll(/[:@=]/g, '-'));
  fc.assert(
    fc.property(around, simple, word, word, (before, user, password, query) => {
      const shown = withoutCredentials(
        `found ${before}${secret(user)}:${secret(password)}@host.example/a.tgz?${secret(query)} there`,
      );
      expect(shown).toContain('host.example/a.tgz');
      for (const each of [user, password, query]) expect(shown).not.toContain(secret(each));
    }),
  );
});

it.each([
  'a://',
  'https://a:b@/',
  'https:',
  '//',
  '@:/',
  '?',
  'ab:/',
  '/\\',
  'http:1,',
  'a:1@',
  '%3a',
  ' https://x?y',
  'https:a:b ',
  'https://a:b "',
  'x/a:',
  'x=;',
])('takes time linear in the text, also if that is made of %s', async (piece) => {
  await expectLinear((times) => piece.repeat(times), withoutCredentials, { size: 20_000 });
});
