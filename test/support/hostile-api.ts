import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { HostileLog, Shard } from './hostile-log.ts';
import { bodyOfProposal } from './independent/helm-body.mjs';
import { leafHash } from './independent/tree.mjs';
import { listen } from './loopback.ts';

/** The HTTP server before a hostile log. */
export interface HostileServer {
  readonly url: string;
  /** `METHOD /path` of each request, without the query. */
  readonly seen: string[];
  /** The time that uploaded entries get, in seconds since 1970. */
  integratedTime: number;
  /** Answers in place of the API, where it returns true. */
  intercept: (path: string, response: ServerResponse, body: string, query: URLSearchParams) => boolean;
}

/** Serves the Rekor v1 API of this log on loopback until the test ends. */
export async function serveLog(log: HostileLog): Promise<HostileServer> {
  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ code: 500, message: String(error) }));
    });
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://log');
    const path = `${request.method ?? ''} ${pathname}`;
    const body = await text(request);
    server.seen.push(path);
    if (server.intercept(path, response, body, query)) return;
    const members = (body === '' ? {} : JSON.parse(body)) as Call['members'];
    const handler = ROUTES[path.replace(/entries\/(?:[0-9a-f]{16})?[0-9a-f]{64}$/, 'entries/*')];
    const [status, value, headers] = handler?.(log, { path: pathname, query, members }, server) ?? notAPath;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(value === undefined ? '' : JSON.stringify(value));
  };
  const server: HostileServer = {
    url: `http://127.0.0.1:${await listen(http)}`,
    seen: [],
    integratedTime: 0,
    intercept: () => false,
  };
  return server;
}

interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Status, JSON value (none: an empty body), further headers. */
type Said = readonly [status: number, value?: unknown, headers?: Readonly<Record<string, string>>];

type Handler = (log: HostileLog, call: Call, server: HostileServer) => Said;

const notAPath: Said = [404, { code: 404, message: 'path was not found' }];

const ROUTES: Readonly<Record<string, Handler>> = {
  'POST /api/v1/log/entries': create,
  'GET /api/v1/log/entries': (log, { query }) => {
    const leaf = log.leafAt(Number(query.get('logIndex')));
    return leaf === undefined ? [404] : [200, log.answerAbout(leaf, leaf.uuid)];
  },
  'GET /api/v1/log/entries/*': (log, { path }) => {
    const [entry] = log.answersTo(path.slice(path.lastIndexOf('/') + 1));
    return entry === undefined ? [404] : [200, entry];
  },
  'POST /api/v1/log/entries/retrieve': (log, { members }) => {
    const { entryUUIDs: asked = [] } = members as { entryUUIDs?: readonly string[] };
    if (asked.length > 10)
      return [422, { code: 422, message: 'more than max allowed 10 entries in request' }];
    const elements = asked.flatMap((id) => log.answersTo(id));
    return [200, log.retrieved(elements)];
  },
  'POST /api/v1/index/retrieve': (log) => [200, log.indexed],
  'GET /api/v1/log': (log) => {
    const trees = log.shards.map((shard) => treeInfo(log, shard));
    return [200, { ...trees.at(-1), inactiveShards: trees.slice(0, -1) }];
  },
  'GET /api/v1/log/proof': (log, { query }) => {
    const treeId = query.get('treeID') ?? log.active.treeId;
    const shard = log.shards.find((each) => each.treeId === treeId);
    const [first, last] = [Number(query.get('firstSize') ?? 1), Number(query.get('lastSize'))];
    if (shard === undefined || first > last || last > shard.tree.size)
      return [400, { code: 400, message: 'Bad Request' }];
    const { tree } = shard;
    const hashes = tree.consistencyProof(first, last).map(hex);
    return [200, { hashes, rootHash: hex(tree.root(tree.size)) }];
  },
  'GET /api/v1/log/publicKey': (log) => [200, publicKeyPem(log)],
};

/** The key that the log says is its own, in PEM. */
export function publicKeyPem({ keys }: Pick<HostileLog, 'keys'>): string {
  return keys.key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

function create(log: HostileLog, { members }: Call, { integratedTime }: HostileServer): Said {
  const body = bodyOfProposal(members as Parameters<typeof bodyOfProposal>[0]);
  const hash = hex(leafHash(body));
  const known = log.active.leaves.find((leaf) => leaf.hash === hash);
  const leaf = known ?? log.append(body, { integratedTime });
  const headers = { location: `/api/v1/log/entries/${leaf.uuid}` };
  return known === undefined
    ? [201, log.answerAbout(leaf, leaf.hash), headers]
    : [409, { code: 409, message: `an equivalent entry already exists with UUID ${leaf.uuid}` }, headers];
}

function treeInfo(log: HostileLog, shard: Shard) {
  const { tree, treeId } = shard;
  const { size } = tree;
  const signedTreeHead = log.head(shard);
  return { rootHash: hex(tree.root(size)), signedTreeHead, treeID: treeId, treeSize: size };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
