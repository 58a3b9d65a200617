import { MalformedError } from '../../errors.ts';
import type { ApiAnswer, ApiRequest, Service } from './api-message.ts';
import type { LogTrees } from '../log/log-trees.ts';
import { forTileClients } from '../log/origin.ts';
import { Refusal } from '../entry/refusal.ts';
import { parseTilePath } from '../tiles/static-paths.ts';
import type { TreeReader } from '../log/tree-reader.ts';

/** What is below the ID of a tree never changes. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' } as const;
/** After a rotation it is another tree that grows. */
const ASK_AGAIN = { 'cache-control': 'no-cache' } as const;
const BYTES = { 'content-type': 'application/octet-stream' } as const;
const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const;

/**
 * The present checkpoint (C2SP tlog-tiles, "Checkpoints") of the tree that grows, or of that whose ID is in the path.
 * @throws Refusal when the log has no such tree
 */
export function showCheckpoint({ log: { trees } }: Service, { path }: ApiRequest): ApiAnswer {
  const { tree } = treeAt(trees, path);
  return { status: 200, headers: TEXT, body: forTileClients(tree.head.text, tree.key) };
}

/**
 * A tile of hashes or of entries, complete or not (C2SP tlog-tiles, "Merkle Tree" and "Log entries").
 * @throws Refusal when the published tree has no such tile
 */
export async function showTile({ log: { trees }, gate }: Service, { path }: ApiRequest): Promise<ApiAnswer> {
  const { tree, rest, isNamed } = treeAt(trees, path);
  const wanted = parsed(rest, path);
  const size = tree.shown.sizeOf(wanted);
  const body = size === undefined ? undefined : await gate.run(size, () => tree.shown.read(wanted));
  if (body === undefined) throw notFound(path);
  return { status: 200, headers: { ...BYTES, ...(isNamed ? FOR_EVER : ASK_AGAIN) }, body };
}

/** The tree of a path, and the path below the place of that tree. */
function treeAt(
  trees: LogTrees,
  path: string,
): { readonly tree: TreeReader; readonly rest: string; readonly isNamed: boolean } {
  const [prefix = '', treeId] = /^\/shards\/([^/]+)(?=\/)/.exec(path) ?? [];
  if (treeId === undefined) return { tree: trees.active, rest: path, isNamed: false };
  const tree = trees.withId(treeId);
  if (tree === undefined) throw notFound(path);
  return { tree, rest: path.slice(prefix.length), isNamed: true };
}

function parsed(rest: string, path: string): ReturnType<typeof parseTilePath> {
  try {
    return parseTilePath(rest);
  } catch (error) {
    if (error instanceof MalformedError) throw notFound(path);
    throw error;
  }
}

function notFound(path: string): Refusal {
  return new Refusal(404, `path ${path} was not found`);
}
