import { describe, expect, test } from 'vitest';
import { fallbackTag } from '../../src/registry/fallback-tag.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { hexOf, OTHER_DIGEST, REPOSITORY, repositoryIn } from './asking.ts';

const TYPE = 'application/vnd.example.evidence.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

async function registryWithChart() {
  const registry = await serveRegistry();
  const subject = registry.store.addChart(REPOSITORY, 'archive', '0.1.0').manifest;
  return { registry, subject };
}

interface Attached {
  readonly subject: object | undefined;
  readonly artifactType?: string | undefined;
  readonly content?: string;
}

function attach({ store }: TestRegistry, { subject, artifactType = TYPE, content = 'evidence' }: Attached) {
  const config = store.addBlob(REPOSITORY, '{}', 'application/vnd.oci.empty.v1+json');
  const layer = store.addBlob(REPOSITORY, content, TYPE);
  return store.addManifest(REPOSITORY, { schemaVersion: 2, artifactType, config, layers: [layer], subject });
}

function listUnderTag(
  { store }: TestRegistry,
  subject: { readonly digest: string },
  manifests: readonly object[],
) {
  store.addManifest(
    REPOSITORY,
    { schemaVersion: 2, mediaType: INDEX, manifests },
    fallbackTag(hexOf(subject.digest)),
  );
}

const find = async (registry: TestRegistry, subject: { readonly digest: string }) => {
  const { manifests, problems } = await findReferrers(
    await repositoryIn(registry),
    hexOf(subject.digest),
    TYPE,
  );
  return { found: manifests.map(({ digest }) => `sha256:${digest}`), problems };
};

describe('what is attached to a manifest', () => {
  test('is what the API of referrers lists', async () => {
    const { registry, subject } = await registryWithChart();
    const { digest } = attach(registry, { subject });
    expect(await find(registry, subject)).toEqual({ found: [digest], problems: [] });
  });

  test.each([400, 404, 405, 501])(
    'is what the fallback tag lists where there is no API (%i)',
    async (status) => {
      const { registry, subject } = await registryWithChart();
      registry.faults.instead = ({ url }, response) =>
        url.includes('/referrers/') && response.writeHead(status).end() instanceof Object;
      const attached = attach(registry, { subject });
      listUnderTag(registry, subject, [attached]);
      expect(await find(registry, subject)).toEqual({ found: [attached.digest], problems: [] });
    },
  );

  test('is what either of both lists, once', async () => {
    const { registry, subject } = await registryWithChart();
    const [one, two, three] = ['1', '2', '3'].map((content) => attach(registry, { subject, content }));
    registry.faults.listed = [one ?? {}, two ?? {}];
    listUnderTag(registry, subject, [two ?? {}, three ?? {}]);
    expect(await find(registry, subject)).toEqual({
      found: [one?.digest, two?.digest, three?.digest],
      problems: [],
    });
  });

  test('is nothing where neither lists anything', async () => {
    const { registry, subject } = await registryWithChart();
    expect(await find(registry, subject)).toEqual({ found: [], problems: [] });
    listUnderTag(registry, subject, []);
    expect(await find(registry, subject)).toEqual({ found: [], problems: [] });
  });

  test('is of the kind that it says itself, whatever the list says', async () => {
    const { registry, subject } = await registryWithChart();
    const right = attach(registry, { subject });
    const wrong = attach(registry, { subject, artifactType: 'application/vnd.example.other' });
    registry.faults.listed = [
      { ...right, artifactType: 'application/vnd.oci.empty.v1+json' },
      { ...wrong, artifactType: TYPE },
    ];
    expect(await find(registry, subject)).toEqual({ found: [right.digest], problems: [] });
  });

  test('on several pages is found', async () => {
    const { registry, subject } = await registryWithChart();
    const [one, two] = ['1', '2'].map((content) => attach(registry, { subject, content }));
    registry.faults.instead = ({ url }, response) => {
      if (!url.includes('/referrers/')) return false;
      const isSecond = url.includes('page=2');
      const link = isSecond ? {} : { link: `<${url}?page=2>; rel="next"` };
      response
        .writeHead(200, link)
        .end(JSON.stringify({ schemaVersion: 2, manifests: [isSecond ? two : one] }));
      return true;
    };
    expect((await find(registry, subject)).found).toEqual([one?.digest, two?.digest]);
  });
});

describe('what does not belong to the manifest is not found, and does no harm:', () => {
  async function withGoodAnd(make: (registry: TestRegistry, subject: { readonly digest: string }) => object) {
    const { registry, subject } = await registryWithChart();
    const bad = make(registry, subject);
    const good = attach(registry, { subject });
    registry.faults.listed = [{ artifactType: TYPE, ...bad }, good];
    const { found, problems } = await find(registry, subject);
    expect(found).toEqual([good.digest]);
    return problems;
  }

  test('one that is attached to something else', async () => {
    const problems = await withGoodAnd((registry) =>
      attach(registry, { subject: registry.store.addChart(REPOSITORY, 'other', '0.2.0').manifest }),
    );
    expect(problems).toEqual([expect.stringContaining('is attached to something else')]);
  });

  test('one that is attached to nothing', async () => {
    expect((await withGoodAnd((registry) => attach(registry, { subject: undefined }))).length).toBe(1);
  });

  test('one that is not there', async () => {
    const missing = { mediaType: TYPE, digest: OTHER_DIGEST, size: 2 };
    expect(await withGoodAnd(() => missing)).toEqual([expect.stringContaining('has no manifest')]);
  });

  test('one that is an index', async () => {
    const problems = await withGoodAnd(({ store }, subject) =>
      store.addManifest(REPOSITORY, {
        schemaVersion: 2,
        mediaType: INDEX,
        artifactType: TYPE,
        manifests: [],
        subject,
      }),
    );
    expect(problems).toEqual([expect.stringContaining('it is an index')]);
  });

  test('one that is far larger than any', async () => {
    const problems = await withGoodAnd((registry, subject) =>
      attach(registry, { subject: { ...subject, annotations: { note: 'x'.repeat(300_000) } } }),
    );
    expect(problems).toEqual([expect.stringContaining('longer than 262144 bytes')]);
  });

  test('one whose bytes have another digest', async () => {
    const { registry, subject } = await registryWithChart();
    const [forged, good] = ['1', '2'].map((content) => attach(registry, { subject, content }));
    registry.faults.changed = (bytes, path) =>
      path.endsWith(forged?.digest ?? '-') ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes;
    const { found, problems } = await find(registry, subject);
    expect(found).toEqual([good?.digest]);
    expect(problems).toEqual([expect.stringContaining('expected the digest')]);
  });
});

describe('a list that lies', () => {
  test.each([
    ['is no JSON', '<html>'],
    ['is no index', '{"schemaVersion":2,"config":{},"layers":[]}'],
    ['names no digest', '{"manifests":[{"mediaType":"a/b","digest":"x","size":1}]}'],
    ['names a path for a digest', '{"manifests":[{"mediaType":"a/b","digest":"sha256:../../x","size":1}]}'],
    ['names members twice', '{"manifests":[],"manifests":[]}'],
    ['has more than any', JSON.stringify({ manifests: Array.from({ length: 10_001 }, () => 1) })],
  ])('and %s: the other list counts, and the problem is told', async (_, body) => {
    const { registry, subject } = await registryWithChart();
    const attached = attach(registry, { subject });
    registry.faults.instead = ({ url }, response) =>
      url.includes('/referrers/') && response.writeHead(200).end(body) instanceof Object;
    listUnderTag(registry, subject, [attached]);
    const { found, problems } = await find(registry, subject);
    expect(found).toEqual([attached.digest]);
    expect(problems.length).toBe(1);
  });

  test('under the fallback tag: what the API lists counts', async () => {
    const { registry, subject } = await registryWithChart();
    const attached = attach(registry, { subject });
    registry.store.addManifest(REPOSITORY, '"no index"', fallbackTag(hexOf(subject.digest)));
    expect(await find(registry, subject)).toEqual({
      found: [attached.digest],
      problems: [expect.any(String)],
    });
  });

  test('and is very long: so many are looked at, those of the right kind first', async () => {
    const { registry, subject } = await registryWithChart();
    const attached = attach(registry, { subject });
    const others = Array.from({ length: 500 }, (_, at) => ({
      mediaType: TYPE,
      digest: `sha256:${String(at).padStart(64, '0')}`,
      size: 1,
    }));
    registry.faults.listed = [...others, { ...attached, artifactType: TYPE }];
    const { found, problems } = await find(registry, subject);
    expect(found).toEqual([attached.digest]);
    expect(problems[0]).toBe('of 501 manifests that are attached, 64 were looked at');
    expect(registry.seen.filter(({ url }) => url.includes('/manifests/sha256:')).length).toBe(64);
  });
});
