import { describe, expect, test } from 'vitest';
import { fetchManifest } from '../../src/registry/manifests.ts';
import { answer, serve } from '../support/loopback.ts';
import { BASIC, USER, type AuthMode } from '../support/registry/auth.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { credentialsWith, hexOf, passwordEntry, REPOSITORY, registriesOf, repositoryIn } from './asking.ts';
import { testDeadline } from '../http/client.ts';

const WRONG = { name: 'ann', password: 'wrong' };

async function registryWith(mode: AuthMode): Promise<TestRegistry> {
  const registry = await serveRegistry();
  registry.auth.settings.mode = mode;
  registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
  return registry;
}

const fetchFrom = async (registry: TestRegistry, entry: object) => {
  const credentials = await credentialsWith({ auths: { [registry.host]: entry } });
  return await fetchManifest(await repositoryIn(registry, { credentials }), { tag: '0.1.0' });
};
const asked = ({ seen }: TestRegistry, path: string) => seen.filter(({ url }) => url.startsWith(path));

describe('a registry that wants to know who asks', () => {
  test.each<[AuthMode, object]>([
    ['basic', passwordEntry(USER)],
    ['token', passwordEntry(USER)],
    ['identity', { identitytoken: USER.identityToken }],
  ])('%s: the credentials of its host are enough', async (mode, entry) => {
    const registry = await registryWith(mode);
    expect((await fetchFrom(registry, entry)).layers.length).toBe(1);
  });

  test('by password, gets it only after it asked', async () => {
    const registry = await registryWith('basic');
    await fetchFrom(registry, passwordEntry(USER));
    expect(asked(registry, '/v2/charts').map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      BASIC,
    ]);
  });

  test('by token, gives it for reading this repository alone, and anonymously where that is enough', async () => {
    const registry = await registryWith('token');
    registry.auth.settings.anonymousPull = true;
    await fetchManifest(await repositoryIn(registry), { tag: '0.1.0' });
    const [token] = asked(registry, '/token');
    expect(token?.headers.authorization).toBeUndefined();
    expect(new URL(token?.url ?? '', 'http://h').searchParams.get('scope')).toBe(
      `repository:${REPOSITORY}:pull`,
    );
  });

  test.each(['token', 'access_token'] as const)('by token, may call it %s', async (tokenMember) => {
    const registry = await registryWith('token');
    registry.auth.settings.tokenMember = tokenMember;
    expect((await fetchFrom(registry, passwordEntry(USER))).layers.length).toBe(1);
  });

  test('by token, is asked for one token in a run, and for another when that has expired', async () => {
    const registry = await registryWith('token');
    registry.auth.settings.usesOfToken = 2;
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    const registries = registriesOf({ credentials });
    const name = { host: registry.host, repository: REPOSITORY };
    for (let times = 0; times < 4; times++)
      await fetchManifest(await registries.repository(name, testDeadline()), { tag: '0.1.0' });
    expect(asked(registry, '/token').length).toBe(2);
  });

  test('by token, is asked for one by many charts at the same time', async () => {
    const registry = await registryWith('token');
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    const registries = registriesOf({ credentials });
    const name = { host: registry.host, repository: REPOSITORY };
    const fetchOne = async () =>
      fetchManifest(await registries.repository(name, testDeadline()), { tag: '0.1.0' });
    await Promise.all(Array.from({ length: 8 }, fetchOne));
    expect(asked(registry, '/token').length).toBe(1);
  });

  test.each<[AuthMode]>([['basic'], ['token']])(
    '%s: wrong credentials are refused, and the message names no secret',
    async (mode) => {
      const registry = await registryWith(mode);
      const failure = await fetchFrom(registry, passwordEntry(WRONG)).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'UNCHECKED',
        message: expect.stringContaining('status 401') as unknown,
        ...(mode === 'basic' && {
          hint: expect.stringContaining('does not take the user and password') as unknown,
        }),
      });
      expect(JSON.stringify(failure)).not.toContain(WRONG.password);
    },
  );

  test('and finds no credentials says how to log in', async () => {
    const registry = await registryWith('basic');
    await expect(fetchManifest(await repositoryIn(registry), { tag: '0.1.0' })).rejects.toMatchObject({
      code: 'UNCHECKED',
      hint: `log in first: helm registry login ${registry.host}`,
    });
  });

  test('takes a token that a file holds for it', async () => {
    const registry = await serveRegistry({
      instead: ({ headers }, response) =>
        headers.authorization !== 'Bearer kept' &&
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="x"' }).end() instanceof Object,
    });
    registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
    expect((await fetchFrom(registry, { registrytoken: 'kept' })).layers.length).toBe(1);
  });

  test('gets no credentials of another host, nor of this host at another port', async () => {
    const registry = await registryWith('basic');
    const others = { '127.0.0.1': passwordEntry(USER), '127.0.0.1:1': passwordEntry(USER) };
    const credentials = await credentialsWith({ auths: others });
    const repository = await repositoryIn(registry, { credentials });
    await expect(fetchManifest(repository, { tag: '0.1.0' })).rejects.toMatchObject({ code: 'UNCHECKED' });
    expect(registry.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });
});

describe('a realm that must not get credentials gets none:', () => {
  test.each([
    ['plain http on another machine', 'Bearer realm="http://192.0.2.1/token",service="s"'],
    ['another scheme', 'Bearer realm="ftp://127.0.0.1/token"'],
    ['no URL', 'Bearer realm="token"'],
    ['no realm', 'Bearer service="s"'],
    ['credentials in it', 'Bearer realm="https://user:secret@127.0.0.1/token"'],
    ['a scheme that is not known', 'Negotiate'],
    ['no challenge', ''],
  ])('%s', async (_, challenge) => {
    const registry = await registryWith('token');
    registry.auth.settings.challenge = challenge;
    const failure = await fetchFrom(registry, passwordEntry(USER)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'UNCHECKED' });
    expect(String(failure)).not.toContain('secret');
    expect(registry.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test.each(['manifest', 'blob'])('that of a server to which the registry redirected a %s', async (what) => {
    const other = await serveRegistry();
    other.auth.settings.mode = 'token';
    const registry = await registryWith('none');
    const { manifest } = registry.store.addChart(REPOSITORY, 'archive', '0.1.0');
    registry.faults.instead = ({ url }, response) => {
      if (!url.includes(what === 'manifest' ? '/manifests/' : '/blobs/')) return false;
      response.writeHead(307, { location: other.url + url }).end();
      return true;
    };
    const entry = passwordEntry(USER);
    const credentials = await credentialsWith({ auths: { [registry.host]: entry, [other.host]: entry } });
    const repository = await repositoryIn(registry, { credentials });
    const { readBlob } = await import('../../src/registry/blobs.ts');
    const work =
      what === 'manifest'
        ? fetchManifest(repository, { tag: '0.1.0' })
        : readBlob(repository, { digest: hexOf(manifest.digest), size: manifest.size }, 1000);
    await expect(work).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining('401') as unknown,
    });
    expect(other.seen.map(({ url }) => url.split('/')[1])).toEqual(['v2']);
    expect(other.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test('one that redirects to another server', async () => {
    const trap = await serve(answer(200, '{"token":"t"}'));
    const realm = await serve(answer(302, '', { location: `${trap.url}/token` }));
    const registry = await registryWith('token');
    registry.auth.settings.realm = `${realm.url}/token`;
    await expect(fetchFrom(registry, passwordEntry(USER))).rejects.toMatchObject({ code: 'UNCHECKED' });
    expect(realm.seen.length).toBe(1);
    expect(trap.seen).toEqual([]);
  });
});

describe('what a realm answers', () => {
  test.each([
    ['no JSON', 'secret-token'],
    ['no token', '{}'],
    ['an empty token', '{"token":""}'],
    ['a list', '["secret-token"]'],
    ['a token with a line break', JSON.stringify({ token: 'secret-token\r\nx: y' })],
    ['too much', 'x'.repeat(300_000)],
  ])('%s is refused, and not shown', async (_, body) => {
    const realm = await serve(answer(200, body));
    const registry = await registryWith('token');
    registry.auth.settings.realm = `${realm.url}/token`;
    const failure = await fetchFrom(registry, passwordEntry(USER)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'UNCHECKED' });
    expect(String(failure)).not.toContain('secret-token');
  });
});
