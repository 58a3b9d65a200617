import * as z from '../zod.ts';
import { formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { parseTimestamp } from '../trust/timestamp.ts';
import { readSignedHead, type SignedHead } from '../verification/signed-head.ts';
import type { TreeMemory } from './tree-memory.ts';

const count = lateSchema(() => z.int('a whole number').check(z.gte(0, 'a number from 0')));

const schema = lateSchema(() =>
  z.object({
    checkpoints: z.tuple([z.string()], z.string()),
    servers: z.array(z.string()),
    offset: z.optional(count()),
    sightings: z.array(z.object({ size: count(), seen: z.string() })),
  }),
);

/** The text of the file in which a tree is remembered: checkpoints are signed notes, times RFC 3339. */
export function formatMemory({ heads, servers, offset, sightings }: TreeMemory): string {
  const content: z.input<ReturnType<typeof schema>> = {
    checkpoints: [heads[0].checkpoint, ...heads.slice(1).map(({ checkpoint }) => checkpoint)],
    servers: [...servers],
    ...(offset !== undefined && { offset }),
    sightings: sightings.map(({ size, seen }) => ({ size, seen: formatTime(seen) })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * What the file of this tree under this key says. Its checkpoints have to be signed by the key: what was changed
 * on disk must neither accuse a log nor hide what it did.
 * @throws MalformedError
 */
export function parseMemory(bytes: Uint8Array, key: LogKey, treeId: string): TreeMemory {
  const { checkpoints, sightings, servers, offset } = checkShape(schema(), parseJson(bytes));
  const [largest, ...others] = checkpoints;
  return {
    logId: key.logId,
    treeId,
    heads: [readHead(largest, key, treeId), ...others.map((text) => readHead(text, key, treeId))],
    servers,
    ...(offset !== undefined && { offset }),
    sightings: sightings.map(({ size, seen }) => ({ size, seen: parseTimestamp(seen) })),
  };
}

function readHead(text: string, key: LogKey, treeId: string): SignedHead {
  const head = readSignedHead(text, [key]);
  if (head === undefined) throw new MalformedError('a checkpoint in it is not signed by the log');
  if (head.treeId !== treeId)
    throw new MalformedError(`expected checkpoints of tree ${treeId}, found one of tree ${head.treeId}`);
  return head;
}
