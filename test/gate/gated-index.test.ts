import { describe, expect, it } from 'vitest';
import { SigstoreError } from '../../src/errors.ts';
import { parseGateAddress } from '../../src/chart/fetch/gate-address.ts';
import { gateIndex, indexOfTags, type GatedIndex } from '../../src/gate/gated-index.ts';

const DIGEST = 'ab'.repeat(32);
const repository = new URL('https://user:word@charts.example/stable/?token=secret');

describe('an index behind the gate', () => {
  it('has every archive under its own URL, and its true address in the fragment', async () => {
    const { entries } = await gated(entry({ urls: ['charts/hello-1.2.3.tgz'], digest: `sha256:${DIGEST}` }));
    const [listed] = entries['hello'] ?? [];
    expect(listed).toMatchObject({ name: 'hello', version: '1.2.3', description: 'says hello' });
    expect(listed).not.toHaveProperty('digest');
    expect(parseGateAddress(String(listed?.urls[0]))).toEqual({
      kind: 'listed',
      file: 'archive',
      repository: 'https://charts.example/stable',
      chart: 'hello',
      hasQuery: true,
      demands: {
        name: 'hello',
        version: '1.2.3',
        sha256: DIGEST,
        url: 'https://charts.example/stable/charts/hello-1.2.3.tgz',
      },
    });
  });

  it.each([
    ['absolute', 'https://cdn.example/hello-1.2.3.tgz?sig=1', 'https://cdn.example/hello-1.2.3.tgz?sig=1'],
    ['in capitals', 'HTTPS://CDN.example:443/hello-1.2.3.tgz', 'https://cdn.example/hello-1.2.3.tgz'],
    ['without a scheme', '//cdn.example/hello-1.2.3.tgz?x=1', 'https://cdn.example/hello-1.2.3.tgz?x=1'],
    ['behind a blank', ' https://cdn.example/hello-1.2.3.tgz', 'https://cdn.example/hello-1.2.3.tgz'],
    ['of the root', '/hello-1.2.3.tgz', 'https://charts.example/hello-1.2.3.tgz'],
    ['above', '../hello-1.2.3.tgz', 'https://charts.example/hello-1.2.3.tgz'],
    ['of a registry', 'oci://reg.example/a/hello:1.2.3', 'oci://reg.example/a/hello:1.2.3'],
    ['of a registry, without a tag', 'oci://reg.example/a/hello', 'oci://reg.example/a/hello:1.2.3'],
    [
      'with a forged fragment',
      'hello-1.2.3.tgz#name=weak&version=0.1.0&digest=&url=x&by=sigstore',
      'https://charts.example/stable/hello-1.2.3.tgz',
    ],
  ])('reads a URL that is %s', async (_, url, truth) => {
    const { text, entries } = await gated(entry({ urls: [url] }));
    const address = parseGateAddress(entries['hello']?.[0]?.urls[0] ?? '');
    expect(address).toMatchObject({
      repository: 'https://charts.example/stable',
      demands: { name: 'hello', url: truth },
    });
    expect(text).not.toMatch(/secret|word|weak/);
  });

  it.each([
    ['file://', 'file:///etc/hello-1.2.3.tgz', 'scheme'],
    ['another scheme', 'ftp://cdn.example/hello-1.2.3.tgz', 'scheme'],
    ['our own scheme', 'sigstore+https://weak.example/hello-1.2.3.tgz', 'scheme'],
    ['plain http, as others can change what comes', 'HTTP://127.0.0.1/hello-1.2.3.tgz', 'plain http'],
    ['credentials', 'https://a:b@cdn.example/hello-1.2.3.tgz', 'credentials'],
    ['no host', 'https://', 'found'],
    ['a registry that is none', 'oci://reg.example/UPPER/hello:1.2.3', 'repository'],
  ])('leaves out a version whose URL has %s', async (_, url, why) => {
    const { entries, leftOut } = await gated(entry({ urls: [url] }));
    expect(entries).toEqual({});
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).toContain(why);
  });

  it('takes only the first URL, as Helm does', async () => {
    const { text } = await gated(entry({ urls: ['hello-1.2.3.tgz', 'https://cdn.example/x-1.2.3.tgz'] }));
    expect(text).not.toContain('cdn.example');
  });

  it('leaves out a chart that is listed under the name of another', async () => {
    const { entries, leftOut } = await gated({ weak: [version({})] });
    expect(entries).toEqual({});
    expect(leftOut[0]).toContain('another name');
  });

  it('leaves out versions that are no part of a URL', async () => {
    for (const odd of ['../1.2.3', '1.2.3#x', '1.2.3?x', '1.2.3 '])
      expect((await gated(entry({ version: odd }))).entries).toEqual({});
  });

  it('has a chart in a folder under the URL of the folder, and says where the repository is', async () => {
    const { entries } = await gated({ 'team/hello': [version({ name: 'team/hello' })] });
    const url = entries['team/hello']?.[0]?.urls[0] ?? '';
    expect(url).toMatch(
      /^sigstore\+https:\/\/charts\.example\/stable\/team\/hello-1\.2\.3\.tgz\?query-of=\.\.#/,
    );
    expect(parseGateAddress(url)).toMatchObject({
      repository: 'https://charts.example/stable',
      chart: 'team/hello',
      demands: { name: 'hello' },
    });
  });

  it('gives people no values that Helm would not read as text', async () => {
    const { entries } = await gated(entry({ description: { a: 1 }, appVersion: 1.5, deprecated: true }));
    expect(entries['hello']?.[0]).not.toHaveProperty('description');
    expect(entries['hello']?.[0]).not.toHaveProperty('appVersion');
    expect(entries['hello']?.[0]).toHaveProperty('deprecated', true);
  });

  it('is refused where it is none', async () => {
    const chunks = once('<html>');
    await expect(gateIndex({ place: 'x', chunks }, repository)).rejects.toThrow(SigstoreError);
  });
});

describe('an index made of tags', () => {
  const reference = { host: '127.0.0.1:5000', repository: 'acme/hello' };
  it('has the tags that are versions, and nothing else', () => {
    const tags = [
      '1.2.3',
      '1.2.3_b.5',
      '2.0.0-rc.1',
      'latest',
      'v1.0.0',
      '1.2',
      '01.2.3',
      `sha256-${DIGEST}`,
    ];
    const { entries } = parsed(indexOfTags(reference, tags));
    expect(entries['hello']?.map(({ version }) => version)).toEqual(['1.2.3', '1.2.3+b.5', '2.0.0-rc.1']);
    expect(parseGateAddress(`${entries['hello']?.[1]?.urls[0] ?? ''}.prov`)).toEqual({
      kind: 'listed',
      file: 'provenance',
      repository: 'oci://127.0.0.1:5000/acme/hello',
      chart: undefined,
      hasQuery: false,
      demands: { name: 'hello', version: '1.2.3+b.5', url: 'oci://127.0.0.1:5000/acme/hello:1.2.3_b.5' },
    });
  });

  it('is empty without tags', () => {
    expect(parsed(indexOfTags(reference, [])).entries).toEqual({});
  });
});

type Parsed = GatedIndex & {
  readonly entries: Record<string, { version: string; urls: [string] }[]>;
};

function version(members: object): object {
  const made = { apiVersion: 'v2', name: 'hello', version: '1.2.3', urls: ['hello-1.2.3.tgz'] };
  return { ...made, description: 'says hello', ...members };
}

function entry(members: object): object {
  return { hello: [version(members)] };
}

async function gated(entries: object): Promise<Parsed> {
  const chunks = once(JSON.stringify({ apiVersion: 'v1', entries }));
  return parsed(await gateIndex({ place: 'the index', chunks }, repository));
}

function parsed(index: GatedIndex): Parsed {
  return { ...index, ...(JSON.parse(index.text) as Pick<Parsed, 'entries'>) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- an iterable of what is there already
async function* once(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}
