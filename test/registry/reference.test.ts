import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { formatReference, parseRegistryReference } from '../../src/registry/reference.ts';

const HEX = 'a'.repeat(64);

describe('a reference of a registry', () => {
  test.each([
    ['oci://registry.example/hello:1.0.0', { host: 'registry.example', repository: 'hello', tag: '1.0.0' }],
    [
      'oci://registry.example/a/b-c/d__e.f:v_1',
      { host: 'registry.example', repository: 'a/b-c/d__e.f', tag: 'v_1' },
    ],
    ['oci://registry.example/hello', { host: 'registry.example', repository: 'hello' }],
    [
      `oci://127.0.0.1:5000/hello@sha256:${HEX}`,
      { host: '127.0.0.1:5000', repository: 'hello', digest: HEX },
    ],
    [`oci://h/hello:1@sha256:${HEX}`, { host: 'h', repository: 'hello', tag: '1', digest: HEX }],
    ['oci://[::1]:5000/hello:1', { host: '[::1]:5000', repository: 'hello', tag: '1' }],
  ])('%s is read, and written the same', (text, parts) => {
    expect(parseRegistryReference(text)).toEqual(parts);
    expect(formatReference(parseRegistryReference(text))).toBe(text);
  });

  test.each([
    ['OCI://Registry.Example:443/hello:1', 'oci://registry.example/hello:1'],
    ['oci://bücher.example/hello:1', 'oci://xn--bcher-kva.example/hello:1'],
    ['oci://[0:0:0:0:0:0:0:1]/hello:1', 'oci://[::1]/hello:1'],
  ])('%s is the same as %s', (text, canonical) => {
    expect(formatReference(parseRegistryReference(text))).toBe(canonical);
  });

  test.each([
    ['another scheme', 'https://h/hello:1'],
    ['no scheme', 'h/hello:1'],
    ['no repository', 'oci://h'],
    ['an empty repository', 'oci://h/'],
    ['an empty host', 'oci:///hello:1'],
    ['a user', 'oci://user@h/hello:1'],
    ['a user and a password', 'oci://user:secret@h/hello:1'],
    ['a password with a slash', 'oci://user:sec/ret@h/hello:1'],
    ['a dot at the end of the host', 'oci://h.example./hello:1'],
    ['two dots in the host', 'oci://h..example/hello:1'],
    ['an underscore in the host', 'oci://a_b/hello:1'],
    ['an escape in the host', 'oci://h%2eexample/hello:1'],
    ['a port of 0', 'oci://h:0/hello:1'],
    ['a port that is too large', 'oci://h:65536/hello:1'],
    ['an empty port', 'oci://h:/hello:1'],
    ['%2f in the repository', 'oci://h/a%2fb:1'],
    ['%5c in the repository', 'oci://h/a%5cb:1'],
    ['%2e in the repository', 'oci://h/%2e%2e/b:1'],
    ['a backslash', 'oci://h/a\\b:1'],
    ['a backslash behind the host', 'oci://h\\x/a:1'],
    ['dots as a component', 'oci://h/a/../b:1'],
    ['two slashes', 'oci://h/a//b:1'],
    ['a slash at the end', 'oci://h/a/:1'],
    ['upper case in the repository', 'oci://h/Hello:1'],
    ['a query', 'oci://h/hello:1?x=1'],
    ['a fragment', 'oci://h/hello:1#x'],
    ['a blank', 'oci://h/hello: 1'],
    ['a line break', 'oci://h/hello:1\n'],
    ['an empty tag', 'oci://h/hello:'],
    ['a plus in the tag', 'oci://h/hello:1.0.0+build'],
    ['a tag that begins with a dot', 'oci://h/hello:.1'],
    ['a tag that is too long', `oci://h/hello:${'1'.repeat(129)}`],
    ['two tags', 'oci://h/hello:1:2'],
    ['an empty digest', 'oci://h/hello@'],
    ['a short digest', 'oci://h/hello@sha256:abc'],
    ['a digest in upper case', `oci://h/hello@sha256:${'A'.repeat(64)}`],
    ['another algorithm', `oci://h/hello@sha512:${'a'.repeat(128)}`],
    ['a tag behind the digest', `oci://h/hello@sha256:${HEX}:1`],
    ['a name that is too long', `oci://h/${'a/'.repeat(200)}a:1`],
    ['very much', `oci://h/${'a'.repeat(100_000)}`],
  ])('%s is refused', (_, text) => {
    expect(() => parseRegistryReference(text)).toThrow(MalformedError);
  });

  test('is read as what it is written as, whatever it is', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9.:@/_%-]{0,20}$/);
    fc.assert(
      fc.property(part, part, part, (host, repository, rest) => {
        const text = `oci://${host}/${repository}${rest}`;
        const read = orMalformed(text);
        if (read !== undefined) expect(parseRegistryReference(formatReference(read))).toEqual(read);
      }),
    );
  });

  test('no message shows a password', () => {
    for (const text of [
      'oci://user:secret@h/hello:1',
      'oci://user:secret@h',
      'oci://user:sec/secret@h/hello:1',
    ])
      expect(messageFor(text)).not.toContain('secret');
  });
});

function messageFor(text: string): string {
  try {
    parseRegistryReference(text);
  } catch (error) {
    return String(error);
  }
  return 'secret: it was accepted';
}

function orMalformed(text: string) {
  try {
    return parseRegistryReference(text);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
