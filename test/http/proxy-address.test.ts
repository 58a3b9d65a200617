import { describe, expect, test } from 'vitest';
import { hintFor, UsageError } from '../../src/errors.ts';
import { parseProxy } from '../../src/http/proxy-address.ts';

const parse = (value: string) => parseProxy(value, 'https_proxy');

function credentialsOf(value: string): string {
  return Buffer.from((parse(value).authorization ?? '').replace(/^Basic /, ''), 'base64').toString('latin1');
}

describe('the proxy that a variable names', () => {
  test.each([
    ['proxy:3128', { isTls: false, hostname: 'proxy', port: 3128, host: 'proxy:3128' }],
    ['http://proxy', { isTls: false, hostname: 'proxy', port: 80, host: 'proxy' }],
    ['HTTP://Proxy:8080/', { isTls: false, hostname: 'proxy', port: 8080, host: 'proxy:8080' }],
    ['https://proxy', { isTls: true, hostname: 'proxy', port: 443, host: 'proxy' }],
    ['http://[fd12::1]:3128', { isTls: false, hostname: 'fd12::1', port: 3128, host: '[fd12::1]:3128' }],
    ['http://user:pass@10.0.0.1:1', { isTls: false, hostname: '10.0.0.1', port: 1, host: '10.0.0.1:1' }],
  ])('%s', (value, expected) => {
    expect(parse(value)).toMatchObject({ ...expected, variable: 'https_proxy' });
  });

  test.each([
    ['http://user:pass@proxy', 'user:pass'],
    ['user:pass@proxy:1', 'user:pass'],
    ['http://user@proxy', 'user:'],
    ['http://user:50%25@proxy', 'user:50%'],
    ['http://a%40b:c%3Ad%2f%23@proxy', 'a@b:c:d/#'],
    ['http://user:%e9@proxy', 'user:\xe9'],
    ['http://user:p@ss@proxy', 'user:p@ss'],
  ])('%s has the credentials %s', (value, credentials) => {
    expect(credentialsOf(value)).toBe(credentials);
  });

  test('without credentials sends none', () => {
    expect(parse('http://proxy:1')).not.toHaveProperty('authorization');
  });

  const percent = 'write %25 for each % that is a part of the name or the password';
  test.each([
    ['http://user:50%@proxy.example', percent],
    ['http://user:se%cret@proxy.example', percent],
    ['http://user:se%zzcret@proxy.example', percent],
    ['user:secret%@proxy.example:3128', percent],
    ['http://us%er:secret@proxy.example', percent],
    ['http://user:secret%', 'is written %40'],
    ['socks5://user:secret@proxy.example', 'name a proxy that speaks HTTP'],
    ['SOCKS://user:secret@proxy.example', 'name a proxy that speaks HTTP'],
    ['socks5h://user:secret@proxy.example', 'name a proxy that speaks HTTP'],
    ['ftp://user:secret@proxy.example', 'is written %40'],
    ['http://', 'is written %40'],
    ['http://user:sec#ret@proxy.example', 'is written %40'],
    ['http://user:12?secret@proxy.example', 'is written %40'],
    ['http://user:12/secret@proxy.example', 'is written %40'],
    ['http://user:secret@proxy.example:port', 'is written %40'],
    ['http://proxy.example/?secret', 'is written %40'],
    ['http://user:secret@pro xy.example', 'is written %40'],
  ])('%s is a usage error that shows nothing of it', (value, hint) => {
    let thrown: unknown;
    try {
      parse(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    const { message, hint: told } = thrown as UsageError;
    const given = hintFor(told, 'consumer') ?? '';
    expect(message).toMatch(/^expected https_proxy to be the http:\/\/ or https:\/\/ URL of a proxy, found /);
    expect(given).toContain(hint);
    expect(message + given).not.toMatch(/secret|user|proxy\.example/);
  });
});
