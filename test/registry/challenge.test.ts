import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../src/registry/challenge.ts';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) }));

describe('WWW-Authenticate', () => {
  test.each([
    ['Basic realm="x"', [{ scheme: 'basic', realm: 'x' }]],
    [
      'Bearer realm="https://auth.example/token",service="r",scope="repository:a:pull,push"',
      [
        {
          scheme: 'bearer',
          realm: 'https://auth.example/token',
          service: 'r',
          scope: 'repository:a:pull,push',
        },
      ],
    ],
    ['bearer REALM = "a\\"b" , service=r', [{ scheme: 'bearer', realm: 'a"b', service: 'r' }]],
    [
      'Basic realm="x", Bearer realm="y", Negotiate',
      [{ scheme: 'basic', realm: 'x' }, { scheme: 'bearer', realm: 'y' }, { scheme: 'negotiate' }],
    ],
    ['', []],
  ])('%s', (header, challenges) => {
    expect(read(header)).toEqual(challenges);
  });

  test.each([
    ['a realm that does not end', 'Bearer realm="https://a'],
    ['a parameter twice', 'Bearer realm="https://a",realm="https://b"'],
    ['a parameter twice in another case', 'Bearer realm="https://a",Realm="https://b"'],
    ['a parameter without a scheme', 'realm="https://a"'],
    ['a parameter without a value', 'Bearer realm='],
    ['something else', '"Bearer"'],
    ['more than any header', `Bearer realm="${'a'.repeat(10_000)}"`],
  ])('%s is no challenge', (_, header) => {
    expect(read(header)).toEqual([]);
  });
});
