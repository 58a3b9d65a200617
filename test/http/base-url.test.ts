import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { endpoint, parseBaseUrl } from '../../src/http/base-url.ts';

const parse = (text: string) => parseBaseUrl(text, '--rekor-server');

describe('the address of a server', () => {
  test.each([
    ['https://rekor.sigstore.dev', 'https://rekor.sigstore.dev'],
    ['https://rekor.sigstore.dev/', 'https://rekor.sigstore.dev'],
    ['HTTPS://Rekor.Sigstore.DEV:443', 'https://rekor.sigstore.dev'],
    ['https://example.com/rekor', 'https://example.com/rekor'],
    ['https://example.com/rekor///', 'https://example.com/rekor'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://localhost', 'http://localhost'],
  ])('%s is %s', (text, href) => {
    expect(parse(text)).toEqual({ href });
  });

  test('paths of the API follow a prefix, queries are escaped', () => {
    expect(endpoint(parse('https://example.com/rekor/'), '/api/v1/log').href).toBe(
      'https://example.com/rekor/api/v1/log',
    );
    expect(endpoint(parse('https://example.com'), '/a', { treeID: '7', x: '&=' }).href).toBe(
      'https://example.com/a?treeID=7&x=%26%3D',
    );
  });

  test.each(['http://rekor.example.com', 'http://10.0.0.1:3000', 'http://localhost.example.com'])(
    '%s comes with a warning: nothing protects the way there',
    (text) => {
      expect(parse(text).warning).toContain(`${text} is asked without encryption`);
    },
  );

  test.each([
    ['', '""'],
    ['rekor.sigstore.dev', '"rekor.sigstore.dev"'],
    ['localhost:3000', '"localhost:3000"'],
    ['//rekor.sigstore.dev', '"//rekor.sigstore.dev"'],
    ['file:///etc/passwd', '"file:///etc/passwd"'],
    ['https://', '"https://"'],
    ['https:rekor.sigstore.dev', '"https:rekor.sigstore.dev"'],
    ['https://a b', '"https://a b"'],
    ['https://host:99999', '"https://host:99999"'],
  ])('%j is refused, and shown', (text, shown) => {
    expect(() => parse(text)).toThrow(
      `expected --rekor-server to be a URL that begins with https:// or http://, found ${shown}`,
    );
    expect(() => parse(text)).toThrow(UsageError);
  });

  test.each([
    'https://user:s3cret@rekor.example.com',
    'https://s3cret@rekor.example.com',
    'https://:s3cret@rekor.example.com',
    'user:s3cret@rekor.example.com',
    'https://user:s3cret@with@rekor.example.com:99999',
    'https://rekor.example.com/?token=s3cret',
    'https://rekor.example.com#s3cret',
    'rekor.example.com?token=s3cret',
  ])('%s is refused without showing the secret', (text) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(/^(?!.*s3cret)/s);
    expect(() => parse(text)).toThrow('rekor.example.com');
  });
});
