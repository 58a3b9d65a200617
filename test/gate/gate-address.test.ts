import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { formatDemands } from '../../src/chart/fetch/demands.ts';
import { parseGateAddress } from '../../src/chart/fetch/gate-address.ts';

const DIGEST = 'ab'.repeat(32);
const demands = {
  name: 'hello',
  version: '1.2.3+b.5',
  url: 'https://cdn.example/x.tgz?a=b&c',
  sha256: DIGEST,
};
const fragment = formatDemands(demands as Parameters<typeof formatDemands>[0]);
const listed = `sigstore+https://charts.example/stable/hello-1.2.3+b.5.tgz#${fragment}`;

const OCI = 'sigstore+oci://registry.example/acme/hello/hello-1.2.3.tgz';
const ofRegistry = formatDemands({
  name: 'hello',
  version: '1.2.3',
  url: 'oci://registry.example/acme/hello:1.2.3',
});

describe('the URL that Helm hands over', () => {
  it('of an index: the repository, with its query', () => {
    const found = parseGateAddress('sigstore+https://charts.example/stable/index.yaml?team=a');
    expect(found).toEqual({ kind: 'index', repository: new URL('https://charts.example/stable?team=a') });
  });

  it('of a listed archive, and of its provenance, whose ending stands behind the fragment', () => {
    const repository = 'https://charts.example/stable';
    const asked = { repository, chart: 'hello', hasQuery: false };
    expect(parseGateAddress(listed)).toEqual({ kind: 'listed', file: 'archive', ...asked, demands });
    expect(parseGateAddress(`${listed}.prov`)).toMatchObject({ file: 'provenance', repository, demands });
  });

  it('of a listed archive, as Go escapes it', () => {
    expect(parseGateAddress(listed.replace('1.2.3+b.5.tgz', '1.2.3%2Bb.5.tgz'))).toMatchObject({ demands });
  });

  it('has its rule by the repository without credentials', () => {
    const other = listed.replace('://charts', '://user:word@charts');
    expect(parseGateAddress(other)).toMatchObject({ repository: 'https://charts.example/stable' });
  });

  it.each([
    ['.', 'https://charts.example/one/two', 'hello'],
    ['..', 'https://charts.example/one', 'two/hello'],
    ['../..', 'https://charts.example/', 'one/two/hello'],
  ])('says that the repository at %s has a query, and not which', (up, repository, chart) => {
    const other = listed.replace('/stable/', '/one/two/').replace('.tgz#', `.tgz?query-of=${up}#`);
    expect(parseGateAddress(other)).toMatchObject({ repository, chart, hasQuery: true });
    expect(parseGateAddress(`${other}.prov`)).toMatchObject({ repository, chart, hasQuery: true });
  });

  it('of a registry: tags, a listed chart, a reference', () => {
    expect(parseGateAddress('sigstore+oci://Registry.example:443/acme/hello/index.yaml')).toEqual({
      kind: 'tags',
      repository: { host: 'registry.example', repository: 'acme/hello' },
    });
    const url = 'oci://registry.example/acme/hello:1.2.3';
    const place = 'sigstore+oci://registry.example/acme/hello';
    const behind = formatDemands({ name: 'hello', version: '1.2.3', url });
    expect(parseGateAddress(`${place}/hello-1.2.3.tgz#${behind}.prov`)).toMatchObject({
      kind: 'listed',
      file: 'provenance',
      repository: 'oci://registry.example/acme/hello',
    });
    expect(parseGateAddress(`${place}:1.2.3.prov`)).toMatchObject({
      kind: 'oci',
      file: 'provenance',
      reference: { repository: 'acme/hello', tag: '1.2.3' },
    });
    expect(parseGateAddress(`${place}@sha256:${DIGEST}`)).toMatchObject({ kind: 'oci', file: 'archive' });
  });

  it('of an archive that a user typed, and of its provenance', () => {
    const url = 'sigstore+https://charts.example/hello-1.2.3.tgz';
    expect(parseGateAddress(url)).toMatchObject({ kind: 'url', file: 'archive' });
    for (const provenance of [`${url}.prov`, `${url}?a=b.prov`])
      expect(parseGateAddress(provenance)).toMatchObject({ kind: 'url', file: 'provenance' });
  });

  it.each([
    ['values, which come by -f', 'sigstore+https://charts.example/values.yaml'],
    ['values in a registry', 'sigstore+oci://charts.example/values.yaml'],
    ['another file in the folder of an index', 'sigstore+https://charts.example/index.yaml.bak'],
    ['another scheme', 'https://charts.example/hello-1.2.3.tgz'],
    ['a scheme in capitals, for which Helm does not ask us', 'Sigstore+https://charts.example/index.yaml'],
    ['a scheme of ours that is none', 'sigstore+file:///index.yaml'],
    ['plain http on another machine', 'sigstore+http://charts.example/index.yaml'],
    ['a host that ends in a dot, which would escape its rule', 'sigstore+https://charts.example./index.yaml'],
    ['a path with dots', 'sigstore+https://charts.example/other/../stable/index.yaml'],
    ['a path with escaped dots', 'sigstore+https://charts.example/other/%2e%2e/stable/index.yaml'],
    ['a path with an escaped slash', 'sigstore+https://charts.example/stable%2findex.yaml'],
    ['a path with empty parts', 'sigstore+https://charts.example//stable/index.yaml'],
    ['a backslash', 'sigstore+https://charts.example\\stable/index.yaml'],
    ['a control', 'sigstore+https://charts.example/sta\nble/index.yaml'],
    ['a registry without a tag', 'sigstore+oci://charts.example/hello'],
    ['an index behind a tag', 'sigstore+oci://charts.example/hello:1.2.3/index.yaml'],
    ['the fragment of somebody else', 'sigstore+https://charts.example/hello-1.2.3.tgz#name=hello'],
    ['an empty fragment', 'sigstore+https://charts.example/hello-1.2.3.tgz#'],
    ['an index with a fragment', `sigstore+https://charts.example/index.yaml#${fragment}`],
    ['a fragment for another file', listed.replace('/hello-', '/weak-')],
    ['a fragment for another version', listed.replace('1.2.3+b.5.tgz', '1.2.4.tgz')],
    ['a fragment with a member twice', listed.replace('&version', '&name=weak&version')],
    ['a fragment with other escapes', listed.replace('name=hello', 'name=%68ello')],
    ['a fragment with a broken escape', listed.replace('name=hello', 'name=%E0')],
    ['a fragment with a digest that is none', listed.replace(DIGEST, DIGEST.toUpperCase())],
    ['a fragment that leads to plain http', listed.replace('https%3A%2F%2Fcdn', 'http%3A%2F%2Fcdn')],
    [
      'a fragment that leads from TLS to this machine',
      listed.replace('https%3A%2F%2Fcdn.example', 'http%3A%2F%2F127.0.0.1'),
    ],
    ['a fragment that leads to a file', listed.replace('https%3A%2F%2Fcdn', 'file%3A%2F%2Fcdn')],
    [
      'a fragment that leads to our own scheme',
      listed.replace('https%3A%2F%2Fcdn', 'sigstore%2Bhttps%3A%2F%2Fcdn'),
    ],
    ['a fragment with credentials', listed.replace('https%3A%2F%2Fcdn', 'https%3A%2F%2Fa%3Ab%40cdn')],
    ['a fragment with a URL that is none', listed.replace('https%3A%2F%2Fcdn', 'cdn')],
    [
      'a registry of which a fragment names another chart',
      `${OCI}#${ofRegistry.replace('acme%2Fhello', 'weak%2Fhello')}`,
    ],
    [
      'a registry of which a fragment names another tag',
      `${OCI}#${ofRegistry.replace('hello%3A1.2.3', 'hello%3A0.1.0')}`,
    ],
    ['a registry of which a fragment leads elsewhere', `${OCI}#${ofRegistry.replace('oci%3A', 'https%3A')}`],
    ['a listed archive with a query of its own', listed.replace('.tgz#', '.tgz?token=x#')],
    ['a listed archive of which no folder has the query', listed.replace('.tgz#', '.tgz?query-of=../..#')],
    ['a listed archive with a mark that is none', listed.replace('.tgz#', '.tgz?query-of=./..#')],
    ['a repository of a registry with a query', `${OCI}?query-of=.#${ofRegistry}`],
    ['a fragment with two endings', `${listed}.prov.prov`],
  ])('is refused where it is %s', (_, href) => {
    expect(() => parseGateAddress(href)).toThrow(MalformedError);
  });

  it('is shown without what may be secret', () => {
    expect(() => parseGateAddress('sigstore+https://user:word@charts.example/values.yaml?token=x')).toThrow(
      /found "?sigstore\+https:\/\/charts\.example\/values\.yaml"?$/,
    );
  });
});
