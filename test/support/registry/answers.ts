import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegistryRequest, TestRegistry } from './server.ts';
import { digestOf } from './store.ts';

/** Answers a request as the distribution specification 1.1 says, but for the faults of the registry. */
export function answerAsRegistry(
  registry: TestRegistry,
  request: IncomingMessage,
  asked: RegistryRequest,
  response: ServerResponse,
): void {
  const { auth, faults, url: origin } = registry;
  const { pathname, searchParams } = new URL(asked.url, origin);
  if (pathname === '/v2/') {
    response.writeHead(200).end('{}');
    return;
  }
  if (faults.instead?.(asked, response) === true) return;
  if (pathname === '/token') {
    auth.give(request, asked.body.toString(), response);
    return;
  }
  const [, repository = '', kind = '', name = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/(.*)$/.exec(pathname) ?? [];
  if (!auth.admits(request, repository, origin, response)) return;
  if (kind === 'manifests') manifests(registry, repository, name, asked, response);
  else if (kind === 'blobs/uploads') uploads(registry, repository, name, asked, searchParams, response);
  else if (kind === 'blobs') blobs(registry, repository, name, asked, response);
  else if (kind === 'tags') tags(registry, repository, searchParams, response);
  else if (kind === 'referrers') referrers(registry, repository, name, response);
  else response.writeHead(404).end();
}

function manifests(
  { store, faults }: TestRegistry,
  repository: string,
  name: string,
  asked: RegistryRequest,
  response: ServerResponse,
): void {
  if (asked.method === 'PUT') {
    const { digest } = store.addManifest(
      repository,
      asked.body,
      name.startsWith('sha256:') ? undefined : name,
    );
    const { subject } = JSON.parse(asked.body.toString()) as { subject?: { digest: string } };
    const understood =
      subject !== undefined && faults.withoutSubject !== true && faults.withoutReferrers !== true;
    const headers = {
      'docker-content-digest': faults.saidDigest ?? digest,
      ...(understood && { 'oci-subject': subject.digest }),
    };
    response.writeHead(name.startsWith('sha256:') && name !== digest ? 400 : 201, headers).end();
    return;
  }
  const kept = store.manifest(repository, name);
  if (kept === undefined) {
    missing(response, 'MANIFEST_UNKNOWN');
    return;
  }
  const bytes = faults.changed?.(kept.bytes, asked.url) ?? kept.bytes;
  const headers = {
    'content-type': kept.mediaType,
    'docker-content-digest': faults.saidDigest ?? digestOf(kept.bytes),
    // Go wants to know it of an answer without a body.
    ...(asked.method === 'HEAD' && { 'content-length': `${bytes.length}` }),
  };
  response.writeHead(200, headers).end(asked.method === 'HEAD' ? '' : bytes);
}

function blobs(
  { store, faults }: TestRegistry,
  repository: string,
  name: string,
  asked: RegistryRequest,
  response: ServerResponse,
): void {
  const kept = store.blobs.get(`${repository}@${name}`);
  if (kept === undefined) {
    missing(response, 'BLOB_UNKNOWN');
    return;
  }
  if (asked.method === 'HEAD') response.writeHead(200, { 'content-length': `${kept.length}` }).end();
  else response.writeHead(200).end(faults.changed?.(kept, asked.url) ?? kept);
}

function uploads(
  registry: TestRegistry,
  repository: string,
  name: string,
  asked: RegistryRequest,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { store, faults } = registry;
  if (asked.method === 'POST') {
    const location = faults.uploadLocation ?? `/v2/${repository}/blobs/uploads/1?state=abc`;
    {
      response.writeHead(202, { location }).end();
      return;
    }
  }
  const digest = digestOf(asked.body);
  if (name === '' || query.get('state') !== 'abc' || query.get('digest') !== digest) {
    response.writeHead(400).end();
    return;
  }
  store.addBlob(repository, asked.body);
  response.writeHead(201).end();
}

function tags(
  { store, faults }: TestRegistry,
  repository: string,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const all = store.tagsOf(repository);
  if (all.length === 0) {
    missing(response, 'NAME_UNKNOWN');
    return;
  }
  const { pageSize = Infinity, nextPage } = faults;
  const start = all.indexOf(query.get('last') ?? '') + 1;
  const page = all.slice(start, start + pageSize);
  const next = nextPage ?? `/v2/${repository}/tags/list?last=${page.at(-1) ?? ''}`;
  const link =
    start + pageSize < all.length || nextPage !== undefined ? { link: `<${next}>; rel="next"` } : {};
  response
    .writeHead(200, { 'content-type': 'application/json', ...link })
    .end(JSON.stringify({ name: repository, tags: page }));
}

function referrers(
  { store, faults }: TestRegistry,
  repository: string,
  name: string,
  response: ServerResponse,
): void {
  if (faults.withoutReferrers === true) {
    response.writeHead(404).end('404 page not found\n');
    return;
  }
  const listed = faults.listed ?? store.referrersOf(repository, name);
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  response
    .writeHead(200, { 'content-type': mediaType })
    .end(JSON.stringify({ schemaVersion: 2, mediaType, manifests: listed }));
}

function missing(response: ServerResponse, code: string): void {
  response.writeHead(404).end(JSON.stringify({ errors: [{ code, message: 'not here' }] }));
}
