import { describe, expect, it } from 'vitest';
import { gatedAddress, plainAddress, withAddress } from '../../src/gate/repository-address.ts';

describe('the address of a repository', () => {
  it.each([
    ['https://charts.example/stable/?a=b', 'sigstore+https://charts.example/stable/?a=b'],
    ['HTTPS://charts.example', 'sigstore+https://charts.example'],
    ['http://127.0.0.1:8080', 'sigstore+http://127.0.0.1:8080'],
    ['sigstore+oci://reg.example/hello', 'sigstore+oci://reg.example/hello'],
  ])('%s is behind the gate as %s', (plain, gated) => {
    expect(gatedAddress(plain)).toBe(gated);
  });

  it.each(['http://charts.example', 's3://bucket/charts'])('%s cannot be behind the gate', (address) => {
    expect(() => gatedAddress(address)).toThrow();
  });

  it('is what it was, without the gate', () => {
    expect(plainAddress('sigstore+https://charts.example/stable')).toBe('https://charts.example/stable');
    expect(plainAddress('https://charts.example')).toBe('https://charts.example');
    expect(() => plainAddress('sigstore+oci://reg.example/hello')).toThrow(/registries/);
  });
});

const BY_HELM = `apiVersion: ""
generated: "0001-01-01T00:00:00Z"
repositories:
- caFile: /https://charts.example
  name: other
  url: https://charts.example/other
- caFile: /ca.pem
  insecure_skip_tls_verify: true
  name: acme
  pass_credentials_all: false
  password: https://charts.example
  url: https://charts.example
  username: reader # says hello
`;

describe('repositories.yaml with another address', () => {
  it('differs in the address of that repository alone', () => {
    const changed = withAddress(BY_HELM, 'acme', 'sigstore+https://charts.example');
    expect(changed).toBe(
      BY_HELM.replace('  url: https://charts.example\n', '  url: sigstore+https://charts.example\n'),
    );
  });

  it('is changed in JSON as well, and where the same address stands twice', () => {
    const both = {
      repositories: [
        { name: 'a', url: 'https://x.example' },
        { name: 'b', url: 'https://x.example' },
      ],
    };
    const changed = withAddress(JSON.stringify(both), 'b', 'sigstore+https://x.example');
    expect(JSON.parse(changed ?? '')).toEqual({
      repositories: [both.repositories[0], { name: 'b', url: 'sigstore+https://x.example' }],
    });
  });

  it.each([
    ['there is no such repository', BY_HELM, 'none'],
    [
      'the address is written in another way',
      'repositories:\n- {name: acme, url: "https:\\/\\/x.example"}\n',
      'acme',
    ],
    [
      'the address is an alias',
      'repositories:\n- {name: a, url: &u https://x.example}\n- {name: acme, url: *u}\n',
      'acme',
    ],
    ['it is another file', 'hello', 'acme'],
  ])('is not made where %s', (_, text, name) => {
    expect(withAddress(text, name, 'sigstore+https://x.example')).toBeUndefined();
  });
});
