import { describe, expect, test } from 'vitest';
import { downloadBlob, readBlob } from '../../src/registry/blobs.ts';
import { answer, serve } from '../support/loopback.ts';
import { USER } from '../support/registry/auth.ts';
import { serveRegistry, type RegistryFaults, type TestRegistry } from '../support/registry/server.ts';
import { credentialsWith, hexOf, OTHER_DIGEST, passwordEntry, REPOSITORY, repositoryIn } from './asking.ts';

const CONTENT = 'the bytes of an archive';

async function registryWithBlob(faults: RegistryFaults = {}) {
  const registry = await serveRegistry(faults);
  const { digest, size } = registry.store.addBlob(REPOSITORY, CONTENT);
  return { registry, descriptor: { digest: hexOf(digest), size } };
}

/** A place for bytes that says what was written since it was opened last. */
function recording() {
  const state = { opened: 0, closed: 0, text: '' };
  const openSink = () => {
    state.opened++;
    state.text = '';
    return Promise.resolve({
      write: (piece: Uint8Array) => Promise.resolve(void (state.text += Buffer.from(piece).toString())),
      close: () => {
        state.closed++;
        return Promise.resolve();
      },
    });
  };
  return { state, openSink };
}

describe('content of a registry', () => {
  test('is streamed where the caller wants it', async () => {
    const { registry, descriptor } = await registryWithBlob();
    const { state, openSink } = recording();
    await downloadBlob(await repositoryIn(registry), descriptor, 1000, openSink);
    expect(state).toEqual({ opened: 1, closed: 1, text: CONTENT });
  });

  test('may be empty', async () => {
    const registry = await serveRegistry();
    const { digest, size } = registry.store.addBlob(REPOSITORY, '');
    expect(await readBlob(await repositoryIn(registry), { digest: hexOf(digest), size }, 10)).toEqual(
      Buffer.alloc(0),
    );
  });

  test('that is not there is not found, and nothing is opened', async () => {
    const { registry, descriptor } = await registryWithBlob();
    const { state, openSink } = recording();
    const work = downloadBlob(
      await repositoryIn(registry),
      { ...descriptor, digest: hexOf(OTHER_DIGEST) },
      1000,
      openSink,
    );
    await expect(work).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(state.opened).toBe(0);
  });

  test('that is larger than the caller takes is not asked for', async () => {
    const { registry, descriptor } = await registryWithBlob();
    await expect(readBlob(await repositoryIn(registry), descriptor, 5)).rejects.toThrow(
      'which is more than 5',
    );
    expect(registry.seen.some(({ url }) => url.includes('/blobs/'))).toBe(false);
  });
});

describe('content that is not what the manifest says does not count:', () => {
  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    [
      'one bit differs',
      (bytes) => Buffer.from(bytes.map((byte, at) => (at === 3 ? byte ^ 1 : byte))),
      'expected the digest',
    ],
    ['it is shorter', (bytes) => bytes.subarray(1), 'expected 23 bytes, found 22'],
    ['it is longer', (bytes) => Buffer.concat([bytes, Buffer.of(0)]), 'expected 23 bytes, found more'],
    ['it is much longer', () => Buffer.alloc(5_000_000), 'expected 23 bytes, found more'],
    ['it is empty', () => Buffer.alloc(0), 'expected 23 bytes, found 0'],
  ])('%s', async (_, changed, message) => {
    const { registry, descriptor } = await registryWithBlob({ changed });
    const { state, openSink } = recording();
    const work = downloadBlob(await repositoryIn(registry), descriptor, 1_000_000, openSink);
    await expect(work).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(message) as unknown,
    });
    expect(state.closed).toBe(state.opened);
  });

  test('a manifest says another size', async () => {
    const { registry, descriptor } = await registryWithBlob();
    await expect(readBlob(await repositoryIn(registry), { ...descriptor, size: 24 }, 100)).rejects.toThrow(
      'expected 24 bytes, found 23',
    );
  });

  test('it breaks off, and is whole when it is asked for again', async () => {
    let times = 0;
    const { registry, descriptor } = await registryWithBlob({
      instead: ({ url }, response) => {
        if (!url.includes('/blobs/') || ++times > 1) return false;
        response.writeHead(200, { 'content-length': CONTENT.length }).write('the by');
        setTimeout(() => response.destroy(), 50);
        return true;
      },
    });
    const { state, openSink } = recording();
    await downloadBlob(await repositoryIn(registry), descriptor, 1000, openSink);
    expect(state).toEqual({ opened: 2, closed: 2, text: CONTENT });
  });
});

describe('content that is at another server', () => {
  const redirecting =
    (location: string, status = 307): NonNullable<RegistryFaults['instead']> =>
    (request, response) => {
      if (!request.url.includes('/blobs/')) return false;
      response.writeHead(status, { location }).end();
      return true;
    };
  const withUser = async (registry: TestRegistry) => {
    registry.auth.settings.mode = 'basic';
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    const repository = await repositoryIn(registry, { credentials });
    // So that the registry has seen the credentials, and took them.
    const { listTags } = await import('../../src/registry/tags.ts');
    registry.store.addChart(REPOSITORY, 'x', '1');
    await listTags(repository);
    return repository;
  };

  test('is fetched there, and that server sees no credentials', async () => {
    const other = await serve(answer(200, CONTENT));
    const { registry, descriptor } = await registryWithBlob();
    const repository = await withUser(registry);
    registry.faults.instead = redirecting(`${other.url}/store?signature=1`);
    expect(Buffer.from(await readBlob(repository, descriptor, 100)).toString()).toBe(CONTENT);
    expect(registry.seen.at(-1)?.headers.authorization).toMatch(/^Basic /);
    expect(other.seen.length).toBe(1);
    expect(Object.keys(other.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  test('and back again, is fetched without credentials from then on', async () => {
    const { registry, descriptor } = await registryWithBlob();
    const repository = await withUser(registry);
    const other = await serve(answer(302, '', { location: `${registry.url}/back` }));
    registry.faults.instead = (request, response) => {
      if (request.url === '/back') return response.writeHead(200).end(CONTENT) instanceof Object;
      return redirecting(`${other.url}/`)(request, response);
    };
    await readBlob(repository, descriptor, 100);
    expect(registry.seen.at(-1)).toMatchObject({
      url: '/back',
      headers: expect.not.objectContaining({ authorization: expect.anything() as unknown }) as unknown,
    });
  });

  test.each([
    ['over plain http on another machine', 'http://192.0.2.1/x', 'plain http is for this machine alone'],
    ['by another scheme', 'ftp://127.0.0.1/x', 'neither https nor http'],
    ['with credentials', 'http://user:secret@127.0.0.1/x', 'it has credentials'],
  ])('%s is not fetched', async (_, location, message) => {
    const { registry, descriptor } = await registryWithBlob({ instead: redirecting(location) });
    const failure = await readBlob(await repositoryIn(registry), descriptor, 100).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(message) as unknown,
    });
    expect(String(failure)).not.toContain('secret');
  });

  test('that redirects for ever is given up', async () => {
    const { registry, descriptor } = await registryWithBlob();
    registry.faults.instead = redirecting(`${registry.url}/v2/${REPOSITORY}/blobs/again`);
    await expect(readBlob(await repositoryIn(registry), descriptor, 100)).rejects.toThrow(
      'redirects more than 10 times',
    );
  });

  test('and is other content does not count', async () => {
    const other = await serve(answer(200, CONTENT.toUpperCase()));
    const { registry, descriptor } = await registryWithBlob({ instead: redirecting(`${other.url}/x`) });
    await expect(readBlob(await repositoryIn(registry), descriptor, 100)).rejects.toThrow(
      'expected the digest',
    );
  });
});
