import { describe, expect, test } from 'vitest';
import { attach } from '../../src/registry/attachment.ts';
import { readBlob } from '../../src/registry/blobs.ts';
import { fetchManifest } from '../../src/registry/manifests.ts';
import { fallbackTag } from '../../src/registry/fallback-tag.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { answer, serve } from '../support/loopback.ts';
import { USER } from '../support/registry/auth.ts';
import { serveRegistry, type RegistryFaults, type TestRegistry } from '../support/registry/server.ts';
import { credentialsWith, hexOf, OTHER_DIGEST, passwordEntry, REPOSITORY, repositoryIn } from './asking.ts';

const TYPE = 'application/vnd.example.evidence.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const evidence = { artifactType: TYPE, bytes: Buffer.from('evidence') };

async function chartIn(faults: RegistryFaults = {}) {
  const registry = await serveRegistry(faults);
  registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
  const repository = await repositoryIn(registry);
  const subject = await fetchManifest(repository, { tag: '0.1.0' });
  return { registry, repository, subject };
}

const pushed = ({ seen }: TestRegistry) => seen.filter(({ method }) => method === 'PUT' || method === 'POST');
const listed = ({ store }: TestRegistry, digest: string) => {
  const kept = store.manifest(REPOSITORY, fallbackTag(hexOf(digest)));
  return kept && (JSON.parse(kept.bytes.toString()) as { manifests: { digest: string }[] });
};

describe.each<[string, RegistryFaults]>([
  ['with the API of referrers', {}],
  ['with it, that does not say so', { withoutSubject: true }],
  ['without it', { withoutReferrers: true }],
])('a registry %s', (_, faults) => {
  test('gives what was attached to who asks for it', async () => {
    const { repository, subject } = await chartIn(faults);
    const { digest, wasThere } = await attach(repository, subject, evidence);
    expect(wasThere).toBe(false);
    const { manifests, problems } = await findReferrers(repository, subject.digest, TYPE);
    expect(problems).toEqual([]);
    expect(manifests.map((manifest) => manifest.digest)).toEqual([digest]);
    const [layer] = manifests[0]?.layers ?? [];
    expect(layer?.mediaType).toBe(TYPE);
    expect(layer && (await readBlob(repository, layer, 100))).toEqual(evidence.bytes);
  });

  test('has it once, when it is attached again', async () => {
    const { registry, repository, subject } = await chartIn(faults);
    const first = await attach(repository, subject, evidence);
    const before = pushed(registry).length;
    expect(await attach(repository, subject, evidence)).toEqual({ digest: first.digest, wasThere: true });
    expect(pushed(registry).length).toBe(before);
    expect((await findReferrers(repository, subject.digest, TYPE)).manifests.length).toBe(1);
  });

  test('has both, when something else is attached', async () => {
    const { repository, subject } = await chartIn(faults);
    await attach(repository, subject, evidence);
    await attach(repository, subject, { ...evidence, bytes: Buffer.from('newer evidence') });
    await attach(repository, subject, { ...evidence, artifactType: 'application/vnd.example.other' });
    expect((await findReferrers(repository, subject.digest, TYPE)).manifests.length).toBe(2);
  });
});

describe('the fallback tag', () => {
  test('is not written where the registry lists what is attached', async () => {
    const { registry, repository, subject } = await chartIn();
    await attach(repository, subject, evidence);
    expect(listed(registry, subject.digest)).toBeUndefined();
  });

  test('keeps what others put there', async () => {
    const { registry, repository, subject } = await chartIn({ withoutReferrers: true });
    const other = { mediaType: 'a/b', digest: OTHER_DIGEST, size: 3, annotations: { note: 'kept' } };
    const index = { schemaVersion: 2, mediaType: INDEX, manifests: [other], annotations: { also: 'kept' } };
    registry.store.addManifest(REPOSITORY, index, fallbackTag(subject.digest));
    const { digest } = await attach(repository, subject, evidence);
    const entry = { artifactType: TYPE, digest: `sha256:${digest}`, size: expect.any(Number) as unknown };
    expect(listed(registry, subject.digest)).toEqual({
      ...index,
      manifests: [other, { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...entry }],
    });
  });

  test('that was emptied gets it again, though the manifest is there', async () => {
    const { registry, repository, subject } = await chartIn({ withoutReferrers: true });
    await attach(repository, subject, evidence);
    const empty = { schemaVersion: 2, mediaType: INDEX, manifests: [] };
    registry.store.addManifest(REPOSITORY, empty, fallbackTag(subject.digest));
    expect((await attach(repository, subject, evidence)).wasThere).toBe(false);
    expect(listed(registry, subject.digest)?.manifests.length).toBe(1);
  });

  test.each(['"no index"', '{"schemaVersion":2,"manifests":{}}', '{"manifests":[],"manifests":[]}'])(
    'with something else under it stays as it is: %s',
    async (content) => {
      const { registry, repository, subject } = await chartIn({ withoutReferrers: true });
      const { digest } = registry.store.addManifest(REPOSITORY, content, fallbackTag(subject.digest));
      await expect(attach(repository, subject, evidence)).rejects.toMatchObject({
        code: 'UNCHECKED',
        message: expect.stringContaining('cannot be added to') as unknown,
      });
      expect(registry.store.tags.get(`${REPOSITORY}:${fallbackTag(subject.digest)}`)).toBe(digest);
    },
  );

  test('that another client overwrote at the same moment is written again', async () => {
    const { registry, repository, subject } = await chartIn({ withoutReferrers: true });
    const tag = fallbackTag(subject.digest);
    let writes = 0;
    registry.faults.instead = ({ method, url }, response) => {
      if (method !== 'PUT' || !url.endsWith(tag) || ++writes > 1) return false;
      // Ours is taken, and at once gone again.
      registry.store.addManifest(REPOSITORY, { schemaVersion: 2, mediaType: INDEX, manifests: [] }, tag);
      return response.writeHead(201).end() instanceof Object;
    };
    await attach(repository, subject, evidence);
    expect(writes).toBe(2);
    expect(listed(registry, subject.digest)?.manifests.length).toBe(1);
  });

  test('that never takes it is an error', async () => {
    const { registry, repository, subject } = await chartIn({ withoutReferrers: true });
    registry.faults.instead = ({ method, url }, response) =>
      method === 'PUT' && url.includes('/sha256-') && response.writeHead(201).end() instanceof Object;
    await expect(attach(repository, subject, evidence)).rejects.toThrow('at the same time, 3 times');
  });
});

describe('a registry that refuses what is pushed', () => {
  test.each([
    ['an upload', 'POST', 'uploads'],
    ['content', 'PUT', 'uploads'],
    ['a manifest', 'PUT', 'manifests'],
  ])('%s is quoted', async (_, method, path) => {
    const { registry, repository, subject } = await chartIn();
    registry.faults.instead = (request, response) => {
      if (request.method !== method || !request.url.includes(path)) return false;
      response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"read only"}]}');
      return true;
    };
    await expect(attach(repository, subject, evidence)).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining('status 403: "DENIED: read only"') as unknown,
    });
  });

  test('as it says that it took other bytes is an error', async () => {
    const { registry, repository, subject } = await chartIn();
    registry.faults.saidDigest = OTHER_DIGEST;
    await expect(attach(repository, subject, evidence)).rejects.toThrow('it says that it took');
  });
});

describe('what is pushed goes to the registry alone:', () => {
  test.each([
    ['an upload at another server', (trap: string) => `${trap}/v2/x/blobs/uploads/1`],
    ['an upload with credentials', (_: string, host: string) => `http://user:secret@${host}/upload`],
    ['an upload over another scheme', (_: string, host: string) => `https://${host}/upload`],
    ['an upload nowhere', () => ''],
  ])('%s is refused', async (_, location) => {
    const trap = await serve(answer(201));
    const { registry, subject } = await chartIn();
    registry.auth.settings.mode = 'basic';
    registry.faults.uploadLocation = location(trap.url, registry.host);
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    const failure = await attach(await repositoryIn(registry, { credentials }), subject, evidence).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'UNCHECKED' });
    expect(String(failure)).not.toContain('secret');
    expect(trap.seen).toEqual([]);
  });

  test.each([301, 307, 308])('a push that is redirected (%i) is not sent on', async (status) => {
    const trap = await serve(answer(201));
    const { registry, repository, subject } = await chartIn();
    registry.faults.instead = ({ method }, response) =>
      (method === 'POST' || method === 'PUT') &&
      response.writeHead(status, { location: trap.url }).end() instanceof Object;
    await expect(attach(repository, subject, evidence)).rejects.toThrow('it is an answer to POST');
    expect(trap.seen).toEqual([]);
  });

  test('a token for pushing is asked for when something is pushed', async () => {
    const { registry, subject } = await chartIn();
    registry.auth.settings.mode = 'token';
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    await attach(await repositoryIn(registry, { credentials }), subject, evidence);
    const scopes = registry.seen
      .filter(({ url }) => url.startsWith('/token'))
      .map(({ url }) => new URL(url, registry.url).searchParams.get('scope'));
    expect(scopes).toEqual([`repository:${REPOSITORY}:pull`, `repository:${REPOSITORY}:pull,push`]);
  });
});
