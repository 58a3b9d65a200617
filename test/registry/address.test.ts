import { describe, expect, test } from 'vitest';
import { onlyThese } from '../../src/http/authorities.ts';
import { readBlob } from '../../src/registry/blobs.ts';
import { fetchManifest } from '../../src/registry/manifests.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { serveTcp, unusedPort } from '../support/loopback.ts';
import { USER } from '../support/registry/auth.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { credentialsWith, hexOf, passwordEntry, REPOSITORY, registriesOf, repositoryIn } from './asking.ts';

const server = selfSignedCertificate();
const FORBIDDEN = { isForced: false, isForbidden: true };
const FORCED = { isForced: true, isForbidden: false };

async function fetchFrom(
  registry: Awaited<ReturnType<typeof serveRegistry>>,
  options: Parameters<typeof repositoryIn>[1],
) {
  registry.store.addChart(REPOSITORY, 'archive', '1');
  return await fetchManifest(await repositoryIn(registry, options), { tag: '1' });
}

describe('a registry of this machine', () => {
  test('may speak plain http', async () => {
    expect((await fetchFrom(await serveRegistry(), {})).layers.length).toBe(1);
  });

  test('that speaks TLS is asked over TLS', async () => {
    const http = testClient({ authorities: onlyThese(server.cert) });
    expect((await fetchFrom(await serveRegistry({}, server), { http })).layers.length).toBe(1);
  });

  test('must speak TLS where the user said whose certificates count, and gets no credentials otherwise', async () => {
    const registry = await serveRegistry();
    registry.auth.settings.mode = 'basic';
    const credentials = await credentialsWith({ auths: { [registry.host]: passwordEntry(USER) } });
    await expect(fetchFrom(registry, { credentials, plainHttp: FORBIDDEN })).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining('the TLS handshake failed') as unknown,
    });
    expect(registry.seen).toEqual([]);
  });

  test('with a certificate that nobody vouches for is not asked over plain http in its place', async () => {
    const registry = await serveRegistry({}, server);
    await expect(fetchFrom(registry, {})).rejects.toThrow('its certificate is not trusted');
    expect(registry.seen).toEqual([]);
  });

  test('is asked over plain http alone where the user said so', async () => {
    const registry = await serveRegistry({}, server);
    await expect(fetchFrom(registry, { plainHttp: FORCED })).rejects.toMatchObject({ code: 'UNCHECKED' });
    expect(registry.seen).toEqual([]);
  });

  test('that breaks every connection is tried as often as any server, and not once more over plain http', async () => {
    let connections = 0;
    const port = await serveTcp((socket) => {
      connections++;
      socket.destroy();
    });
    await expect(repositoryIn({ host: `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining('the connection broke (tried 4 times)') as unknown,
    });
    expect(connections).toBe(4);
  });

  test('that is not there is an error', async () => {
    const host = `127.0.0.1:${await unusedPort()}`;
    await expect(repositoryIn({ host })).rejects.toThrow('connection refused (tried 4 times)');
  });

  test('that was not there is asked again for the next chart', async () => {
    const registry = await serveRegistry();
    registry.store.addChart(REPOSITORY, 'archive', '1');
    const registries = registriesOf();
    const name = { host: registry.host, repository: REPOSITORY };
    const late = testDeadline({ all: 0 });
    await expect(registries.repository(name, late)).rejects.toThrow('the time for all requests is up');
    const repository = await registries.repository(name, testDeadline());
    expect((await fetchManifest(repository, { tag: '1' })).layers.length).toBe(1);
  });
});

describe('a registry elsewhere', () => {
  test('is asked over https, and over plain http only where the user said so', async () => {
    const name = { host: 'registry.invalid' };
    expect((await repositoryIn(name)).url('x').href).toBe(`https://registry.invalid/v2/${REPOSITORY}/x`);
    expect((await repositoryIn(name, { plainHttp: FORCED })).url('x').protocol).toBe('http:');
  });

  test('of Docker is asked where its API is', async () => {
    expect((await repositoryIn({ host: 'docker.io' })).url('x').host).toBe('registry-1.docker.io');
  });
});

describe('the certificate of a client', () => {
  const client = selfSignedCertificate();
  const mutual = { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: false };
  const authorities = {
    ...onlyThese(server.cert),
    load: () => Promise.resolve({ ca: [server.cert], cert: client.cert, key: client.key }),
  };
  const options = {
    authorities,
    http: testClient({ authorities: onlyThese(server.cert) }),
    plainHttp: FORBIDDEN,
  };

  test('is shown to the registry', async () => {
    const registry = await serveRegistry({}, mutual);
    await fetchFrom(registry, options);
    expect(registry.seen.map(({ hasCertificate }) => hasCertificate)).toEqual([true]);
  });

  test('is not shown to a server to which the registry redirects, for a manifest or a blob', async () => {
    const other = await serveRegistry({}, mutual);
    const registry = await serveRegistry({}, mutual);
    registry.store.addChart(REPOSITORY, 'archive', '1');
    const { chart } = other.store.addChart(REPOSITORY, 'archive', '1');
    registry.faults.instead = ({ url }, response) =>
      response.writeHead(307, { location: other.url + url }).end() instanceof Object;
    const repository = await repositoryIn(registry, options);
    await fetchManifest(repository, { tag: '1' });
    await readBlob(repository, { digest: hexOf(chart.digest), size: chart.size }, 100);
    expect(registry.seen.map(({ hasCertificate }) => hasCertificate)).toEqual([true, true]);
    expect(other.seen.map(({ hasCertificate }) => hasCertificate)).toEqual([false, false]);
  });

  test('is not shown where the registry wants tokens to be asked for', async () => {
    const other = await serveRegistry({}, mutual);
    other.auth.settings.mode = 'token';
    const registry = await serveRegistry({}, mutual);
    registry.auth.settings.mode = 'token';
    registry.auth.settings.realm = `${other.url}/token`;
    await expect(fetchFrom(registry, options)).rejects.toMatchObject({ code: 'UNCHECKED' });
    expect(other.seen.map(({ hasCertificate }) => hasCertificate)).toEqual([false]);
  });

  test('is not taken over plain http on another machine, also not by a redirect', async () => {
    const registry = await serveRegistry({}, mutual);
    const plain = await serveRegistry();
    registry.faults.instead = ({ url }, response) =>
      response.writeHead(307, { location: plain.url + url }).end() instanceof Object;
    await expect(fetchFrom(registry, options)).rejects.toThrow('it leads from https to http');
    expect(plain.seen).toEqual([]);
  });
});
