import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { commandLinesWith } from '../e2e/processes.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { ChartServer } from './servers/chart-server.ts';
import { DistributionRegistry } from './servers/distribution.ts';
import { ReferrersRegistry } from './servers/referrers-registry.ts';
import { basicAuthorization, type RegistryServer } from './servers/registry-server.ts';
import { EMPTY, MANIFEST, RawRepository } from './world/raw-registry.ts';
import { TokenService } from './servers/token-service.ts';

const binaries = inject('registries');
const tls = selfSignedCertificate();
const credentials = { user: 'reader', password: 'of charts' };

describe.skipIf(binaries === undefined)('a registry of a test (needs real registries)', () => {
  let directory: string;
  let tokens: TokenService;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'registries-'));
    tokens = await TokenService.start(credentials);
  });
  afterAll(async () => {
    await tokens.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe.each([
    ['docker-registry', 'docker-registry'],
    ['distribution', binaries?.distribution ?? ''],
  ])('%s', (name, command) => {
    const start = (options: object) => DistributionRegistry.start({ command, directory, name, ...options });

    it('speaks HTTP to everybody, and is gone when it was stopped', async () => {
      const registry = await start({ name: `${name}-plain` });
      expect(await status(registry)).toBe(200);
      // It takes a subject, and does not know the referrers API.
      expect(await referrersOf(registry)).toMatchObject({ status: 404 });
      await isGoneAfterStop(registry, directory);
    });

    it('speaks TLS and wants a password', async () => {
      const registry = await start({ name: `${name}-tls`, tls, credentials });
      expect(await status(registry)).toBe(401);
      expect(await status(registry, '/v2/', basicAuthorization(credentials))).toBe(200);
      await registry.stop();
    });

    it('sends its clients for tokens, and takes those of the service', async () => {
      const registry = await start({ name: `${name}-token`, tokens });
      expect(await status(registry)).toBe(401);
      const tags = (repository: string, token: string) =>
        status(registry, `/v2/${repository}/tags/list`, `Bearer ${token}`);
      const scope = 'repository:charts/hello:pull';
      expect(await tags('charts/hello', await askForToken(tokens, scope))).toBe(401);
      const token = await askForToken(tokens, scope, basicAuthorization(credentials));
      // There is no such repository: it was looked for.
      expect(await tags('charts/hello', token)).toBe(404);
      expect(await tags('charts/other', token)).toBe(401);
      expect(await tags('public/a', await askForToken(tokens, 'repository:public/a:pull'))).toBe(404);
      await registry.stop();
    });
  });

  it('go-containerregistry has the referrers API, and is gone when it was stopped', async () => {
    const registry = await ReferrersRegistry.start(binaries?.referrersRegistry ?? '', directory);
    expect(await status(registry)).toBe(200);
    const { status: found, body } = await referrersOf(registry);
    expect({ found, manifests: (JSON.parse(body) as { manifests: unknown }).manifests }).toEqual({
      found: 200,
      manifests: [expect.objectContaining({ digest: expect.stringMatching(/^sha256:/) as string })],
    });
    await isGoneAfterStop(registry, directory);
  });

  it('the token service gives nothing for a wrong password or identity token', async () => {
    const wrong = basicAuthorization({ ...credentials, password: 'wrong' });
    await expect(askForToken(tokens, 'repository:public/a:pull', wrong)).rejects.toThrow('401');
    const ask = (fields: Record<string, string>) =>
      fetch(tokens.realm, {
        method: 'POST',
        body: new URLSearchParams({ scope: 'registry:a:b', ...fields }),
      });
    const grant = { grant_type: 'refresh_token' };
    expect((await ask({ ...grant, refresh_token: 'wrong' })).status).toBe(401);
    expect((await ask({ ...grant, refresh_token: tokens.identityToken })).status).toBe(200);
  });
});

describe.each([{}, { tls }])('the chart server with %o', (options) => {
  it('has what was put there, wants its password, and notes what it was asked', async () => {
    const server = await ChartServer.start({ ...options, credentials });
    server.put('/a.tgz', 'the chart');
    server.put('/a.tgz?v=2', 'another');
    server.redirect('/b.tgz', '/a.tgz');
    const authorization = basicAuthorization(credentials);
    expect(await status(server, '/a.tgz')).toBe(401);
    expect(await status(server, '/a.tgz', authorization)).toBe(200);
    expect(await status(server, '/b.tgz', authorization)).toBe(302);
    expect(await status(server, '/c.tgz', authorization)).toBe(404);
    expect(await ask(server, '/a.tgz?v=1', authorization)).toMatchObject({ body: 'the chart' });
    expect(await ask(server, '/a.tgz?v=2', authorization)).toMatchObject({ body: 'another' });
    expect(server.takeRequests()[0]).toEqual({ method: 'GET', path: '/a.tgz', authorization: undefined });
    expect(server.takeRequests()).toEqual([]);
    const { url } = server;
    await server.stop();
    await expect(status({ url })).rejects.toThrow('ECONNREFUSED');
  });
});

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Asks a server, which may speak TLS with the identity of these tests. */
async function ask(server: { readonly url: string }, at = '/v2/', authorization?: string): Promise<Answered> {
  const request = server.url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = authorization === undefined ? {} : { authorization };
  return await new Promise((resolve, reject) => {
    const sent = request(server.url + at, { headers, ca: tls.cert, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += piece.toString()));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    sent.on('error', reject).end();
  });
}

async function status(
  server: { readonly url: string },
  at?: string,
  authorization?: string,
): Promise<number> {
  return (await ask(server, at, authorization)).status;
}

/** What it says of the referrers of a manifest that has one. */
async function referrersOf(registry: RegistryServer): Promise<Answered> {
  const repository = new RawRepository(registry, 'charts/hello');
  const empty = await repository.putBlob(EMPTY, Buffer.from('{}'));
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: empty, layers: [empty] };
  const digest = await repository.putManifest('0.1.0', manifest);
  const subject = { mediaType: MANIFEST, digest, size: (await repository.manifest('0.1.0')).length };
  await repository.putManifest('', { ...manifest, artifactType: 'application/x.test', subject });
  return await ask(registry, `/v2/charts/hello/referrers/${digest}`);
}

async function isGoneAfterStop(registry: RegistryServer, directory: string): Promise<void> {
  await registry.stop();
  await expect(status(registry)).rejects.toThrow('ECONNREFUSED');
  expect(await commandLinesWith(registry.host)).toEqual([]);
  expect(await commandLinesWith(directory)).toEqual([]);
}

/** A token, as a client gets it. @throws with the status of any other answer */
async function askForToken(tokens: TokenService, scope: string, authorization?: string): Promise<string> {
  const query = new URLSearchParams({ service: tokens.service, scope });
  const headers = authorization === undefined ? undefined : { authorization };
  const answer = await fetch(`${tokens.realm}?${query.toString()}`, headers && { headers });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}
