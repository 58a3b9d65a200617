import { describe, expect, it } from 'vitest';
import type { Repository } from '../../src/chart/fetch/repositories.ts';
import { handedFor, readHandedOver } from '../../src/gate/handed-over.ts';

const acme: Repository = {
  name: 'acme',
  address: 'sigstore+https://charts.acme.example/stable',
  url: new URL('https://charts.acme.example/stable'),
  username: 'reader',
  password: 'word',
  certFile: '/c.pem',
  keyFile: '/k.pem',
  isTlsSkipped: false,
  passCredentialsAll: true,
};
const handed = { username: 'reader', password: 'word' };
const own = new URL('https://charts.acme.example/stable');

describe('what Helm hands over', () => {
  it('is read of arguments and variables, of which empty ones say nothing', () => {
    const env = { HELM_PLUGIN_USERNAME: 'reader', HELM_PLUGIN_PASSWORD: '' };
    expect(readHandedOver(['', '', '/ca.pem'], env)).toEqual({ username: 'reader', caFile: '/ca.pem' });
  });

  it('goes to the server of the repository that it is kept for', () => {
    expect(handedFor(own, handed, [acme])).toMatchObject({ repository: { ...handed, url: own } });
  });

  it('goes to the server that is asked while a repository is added, and with --repo', () => {
    expect(handedFor(own, handed, [])).toMatchObject({ repository: handed });
  });

  it.each([
    ['another host', 'https://evil.example/stable'],
    ['another port', 'https://charts.acme.example:8443/stable'],
    ['plain http', 'http://charts.acme.example/stable'],
    ['a host below it', 'https://x.charts.acme.example/stable'],
  ])('does not go to %s, even if the index names it and all credentials shall be passed', (_, place) => {
    expect(handedFor(new URL(place), handed, [acme])).toEqual({ keptBack: 'acme' });
    const files = { certFile: '/c.pem', keyFile: '/k.pem' };
    expect(handedFor(new URL(place), files, [acme])).toEqual({ keptBack: 'acme' });
  });

  it('goes to a server of its own where two repositories have the same credentials', () => {
    const other = { ...acme, name: 'other', url: new URL('https://other.example/') };
    expect(handedFor(new URL('https://other.example/x'), handed, [acme, other])).toHaveProperty('repository');
  });

  it('is what stands in the URL, where something does', () => {
    expect(handedFor(new URL('https://a:b%40c@evil.example/'), handed, [acme])).toMatchObject({
      repository: { username: 'a', password: 'b@c', url: new URL('https://evil.example/') },
    });
  });

  it('is nothing where Helm has nothing', () => {
    expect(handedFor(own, {}, [acme])).toEqual({ repository: undefined });
  });
});
