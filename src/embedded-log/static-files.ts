import { MalformedError } from '../errors.ts';
import type { ApiAnswer, ApiRequest, Service } from './api-message.ts';
import { forTileClients } from './origin.ts';
import { Refusal } from './refusal.ts';
import { parseTilePath } from './static-paths.ts';

/** What is at a path never changes. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' } as const;
const BYTES = { 'content-type': 'application/octet-stream' } as const;
const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const;

/** The present checkpoint (C2SP tlog-tiles, "Checkpoints"). */
export function showCheckpoint({ log: { head, key } }: Service): ApiAnswer {
  return { status: 200, headers: TEXT, body: forTileClients(head.text, key) };
}

/**
 * A tile of hashes or of entries, complete or not (C2SP tlog-tiles, "Merkle Tree" and "Log entries").
 * @throws Refusal when the published tree has no such tile
 */
export async function showTile({ log, gate }: Service, { path }: ApiRequest): Promise<ApiAnswer> {
  const wanted = parsed(path);
  const size = log.shown.sizeOf(wanted);
  const body = size === undefined ? undefined : await gate.run(size, () => log.shown.read(wanted));
  if (body === undefined) throw new Refusal(404, `path ${path} was not found`);
  return { status: 200, headers: { ...BYTES, ...FOR_EVER }, body };
}

function parsed(path: string): ReturnType<typeof parseTilePath> {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof MalformedError) throw new Refusal(404, `path ${path} was not found`);
    throw error;
  }
}
