import { describe, expect, test } from 'vitest';
import { fetchManifest } from '../../src/registry/manifests.ts';
import { serveRegistry, type RegistryFaults } from '../support/registry/server.ts';
import { hexOf, OTHER_DIGEST, REPOSITORY, repositoryIn } from './asking.ts';

const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: OTHER_DIGEST, size: 2 };
const good = { schemaVersion: 2, config: EMPTY, layers: [EMPTY] };

async function fetchOf(content: object | string, faults: RegistryFaults = {}) {
  const registry = await serveRegistry(faults);
  registry.store.addManifest(REPOSITORY, content, '1');
  return await fetchManifest(await repositoryIn(registry), { tag: '1' });
}

describe('a manifest', () => {
  test('is fetched by its tag and by its digest', async () => {
    const registry = await serveRegistry();
    const { digest } = registry.store.addChart(REPOSITORY, 'archive', '0.1.0').manifest;
    const repository = await repositoryIn(registry);
    const byTag = await fetchManifest(repository, { tag: '0.1.0' });
    expect(byTag.digest).toBe(hexOf(digest));
    expect(await fetchManifest(repository, { digest: hexOf(digest) })).toEqual(byTag);
  });

  test('is asked for as what it may be', async () => {
    const registry = await serveRegistry();
    registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
    await fetchManifest(await repositoryIn(registry), { tag: '0.1.0' });
    expect(registry.seen.at(-1)?.headers.accept).toMatch(
      /^application\/vnd\.oci\.image\.manifest\.v1\+json, .*index/,
    );
  });

  test('that is not there is not found, and the tags that are there are named', async () => {
    const registry = await serveRegistry();
    registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
    await expect(fetchManifest(await repositoryIn(registry), { tag: '0.2.0' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `oci://${registry.host}/${REPOSITORY} has no tag 0.2.0`,
      hint: 'its tags: 0.1.0',
    });
  });

  test('in a repository that is not there is not found', async () => {
    const repository = await repositoryIn(await serveRegistry());
    await expect(fetchManifest(repository, { tag: '1' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'look at its path and name: the registry knows no tags there',
    });
    await expect(fetchManifest(repository, { digest: hexOf(OTHER_DIGEST) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('the digest of the manifest') as unknown,
    });
  });
});

describe('a registry that lies is not believed:', () => {
  test('other bytes than those of the digest', async () => {
    const registry = await serveRegistry({ changed: () => Buffer.from(JSON.stringify(good)) });
    const { digest } = registry.store.addChart(REPOSITORY, 'archive').manifest;
    await expect(
      fetchManifest(await repositoryIn(registry), { digest: hexOf(digest) }),
    ).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(`expected the digest ${digest}`) as unknown,
    });
  });

  test.each([OTHER_DIGEST, 'sha256:x', 'sha512:00'])(
    'a header with another digest: %s',
    async (saidDigest) => {
      await expect(fetchOf(good, { saidDigest })).rejects.toMatchObject({
        code: 'UNCHECKED',
        message: expect.stringContaining('its header says') as unknown,
      });
    },
  );

  test('a manifest of more than 4 MiB', async () => {
    await expect(fetchOf(JSON.stringify({ ...good, annotations: 'x'.repeat(4 << 20) }))).rejects.toThrow(
      'longer than 4194304 bytes',
    );
  });

  test.each([
    ['an index by its media type', { ...good, mediaType: 'application/vnd.oci.image.index.v1+json' }],
    ['an index by its members', { ...good, manifests: [] }],
    ["Docker's list", { mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' }],
  ])('%s is refused as that', async (_, content) => {
    await expect(fetchOf(content)).rejects.toThrow(
      'it is an index, which lists several manifests, and no chart',
    );
  });

  test.each([
    [
      'another media type',
      { ...good, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' },
      'media type',
    ],
    ['another version', { ...good, schemaVersion: 1 }, 'schemaVersion'],
    ['no layers', { ...good, layers: undefined }, 'layers: expected a list'],
    ['layers that Go sees alone', { ...good, Layers: [] }, 'spelt otherwise'],
    ['layers spelt with a long s', { ...good, layerſ: [] }, 'spelt otherwise'],
    [
      'a digest that Go sees alone',
      { ...good, layers: [{ ...EMPTY, Digest: OTHER_DIGEST }] },
      'layers.0: the member "Digest"',
    ],
    ['a size below 0', { ...good, layers: [{ ...EMPTY, size: -1 }] }, 'layers.0.size'],
    ['a size that is no number', { ...good, layers: [{ ...EMPTY, size: '2' }] }, 'layers.0.size'],
    [
      'another algorithm',
      { ...good, layers: [{ ...EMPTY, digest: `sha512:${'a'.repeat(128)}` }] },
      'expected a digest sha256:HEX',
    ],
    [
      'a digest with a path',
      { ...good, layers: [{ ...EMPTY, digest: '../../x' }] },
      'expected a digest sha256:HEX',
    ],
    ['a subject that is none', { ...good, subject: 'x' }, 'subject: expected an object'],
    ['too many layers', { ...good, layers: Array.from({ length: 1001 }, () => EMPTY) }, 'at most 1000'],
  ])('%s', async (_, content, message) => {
    await expect(fetchOf(content)).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(message) as unknown,
    });
  });

  test.each([
    ['no JSON', '<html>'],
    ['a member twice', `{"schemaVersion":2,"layers":[],"config":${JSON.stringify(EMPTY)},"layers":[]}`],
    ['a list', '[]'],
    ['nothing', ''],
  ])('%s', async (_, content) => {
    await expect(fetchOf(content)).rejects.toMatchObject({ code: 'UNCHECKED' });
  });
});

describe('a registry that refuses', () => {
  test('is quoted, in part', async () => {
    const registry = await serveRegistry({
      instead: (_, response) => {
        response
          .writeHead(400)
          .end(
            JSON.stringify({ errors: [{ code: 'NAME_INVALID', message: `\u001b[2J${'x'.repeat(500)}` }] }),
          );
        return true;
      },
    });
    const failure = await fetchManifest(await repositoryIn(registry), { tag: '1' }).catch(
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining('NAME_INVALID: ') as unknown,
    });
    expect(failure).toMatchObject({ message: expect.not.stringContaining('\u001b') as unknown });
    expect((failure as Error).message.length).toBeLessThan(400);
  });
});

test('a manifest that is behind another scheme is not fetched, and the message says which scheme', async () => {
  const registry = await serveRegistry({
    instead: (_, response) => {
      response.writeHead(302, { location: 'ftp://user:secret@127.0.0.1/x' }).end();
      return true;
    },
  });
  const fetching = fetchManifest(await repositoryIn(registry), { tag: '1' });
  await expect(fetching).rejects.toMatchObject({
    code: 'UNCHECKED',
    message: `${registry.url}/v2/${REPOSITORY}/manifests/1 redirects to ftp:, which is not followed: it is neither https nor http`,
  });
});
