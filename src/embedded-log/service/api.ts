import type { ApiAnswer, ApiRequest, Handler, Service } from './api-message.ts';
import { createEntry } from './create-entry.ts';
import { consistencyProof, describeTree, publicKey } from './describe-log.ts';
import { entryById, entryByIndex, retrieveEntries, searchIndex } from './find-entries.ts';
import { pageAnswer } from './page-answer.ts';
import { Refusal } from '../entry/refusal.ts';
import { showCheckpoint, showTile } from './static-files.ts';
import { ping, tellHealth, tellMetrics } from './tell-state.ts';

/** What answers to the methods at the paths of a pattern. */
type Route = readonly [path: RegExp, methods: Readonly<Record<string, Handler>>];

/**
 * The part of the Rekor v1 API that clients of charts use, C2SP tlog-tiles (also of the trees that were frozen), and what those
 * who run the log ask: path patterns and methods.
 */
const ROUTES: readonly Route[] = [
  [/^\/api\/v1\/log$/, { GET: describeTree }],
  [/^\/api\/v1\/log\/proof$/, { GET: consistencyProof }],
  [/^\/api\/v1\/log\/publicKey$/, { GET: publicKey }],
  [/^\/api\/v1\/log\/entries$/, { GET: entryByIndex, POST: createEntry }],
  [/^\/api\/v1\/log\/entries\/retrieve$/, { POST: retrieveEntries }],
  [/^\/api\/v1\/log\/entries\/[^/]+$/, { GET: entryById }],
  [/^\/api\/v1\/index\/retrieve$/, { POST: searchIndex }],
  [/^\/checkpoint$/, { GET: showCheckpoint }],
  [/^\/tile\/./, { GET: showTile }],
  [/^\/shards\/[^/]+\/checkpoint$/, { GET: showCheckpoint }],
  [/^\/shards\/[^/]+\/tile\/./, { GET: showTile }],
  [/^\/healthz$/, { GET: tellHealth, HEAD: tellHealth }],
  [/^\/metrics$/, { GET: tellMetrics, HEAD: tellMetrics }],
];

const PING = '/ping';

/**
 * The log's answer to a request: of the API, or a file of the page for people.
 * @throws Refusal when that is an error
 */
export async function answer(service: Service, request: ApiRequest): Promise<ApiAnswer> {
  const { method, path, contentType, body } = request;
  const page = method === 'GET' || method === 'HEAD' ? pageAnswer(path) : undefined;
  if (page !== undefined) return page;
  // As in Rekor, with other methods there is nothing at this path.
  if (path === PING && (method === 'GET' || method === 'HEAD')) return ping();
  const methods = routeAt(path)?.[1];
  if (methods === undefined) throw new Refusal(404, `path ${path} was not found`);
  const handler = methods[method];
  if (handler === undefined) {
    const allowed = Object.keys(methods).join(',');
    const message = `method ${method} is not allowed, but [${allowed}] are`;
    throw new Refusal(405, message, 405, { allow: allowed });
  }
  if (body.length > 0) requireJson(contentType);
  return await handler(service, request);
}

/** The name of the route of a path, after its pattern: `/api/v1/log/entries/{id}`. `other` where nothing is. */
export function routeOf(path: string): string {
  const pattern = path === PING ? PING : (routeAt(path)?.[0].source ?? 'other');
  return pattern
    .replace(/^\^|\$$/g, '')
    .replaceAll('\\/', '/')
    .replace('[^/]+', '{id}')
    .replace(/\.$/, '{tile}');
}

/** Whether such a request reads the present state of the log, and its answer must not be kept. */
export function isRead(method: string, path: string): boolean {
  return (
    method === 'GET' && !/^(\/shards\/[^/]+)?\/tile\//.test(path) && routeAt(path)?.[1]['GET'] !== undefined
  );
}

function routeAt(path: string): Route | undefined {
  return ROUTES.find(([pattern]) => pattern.test(path.replace(/\/$/, '')));
}

function requireJson(contentType = 'application/octet-stream'): void {
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'application/json')
    throw new Refusal(
      415,
      `unsupported media type ${JSON.stringify(mediaType)}, only [application/json] are allowed`,
    );
}
