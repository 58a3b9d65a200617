import * as z from '../zod.ts';
import { formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { parseTimestamp } from '../trust/timestamp.ts';
import { readSignedCheckpoint, type SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import type { SeenTree } from './seen-tree.ts';

const count = lateSchema(() => z.int('a whole number').check(z.gte(0, 'a number from 0')));

// Files of earlier versions also say at which index of the log a tree begins, which nobody signed: it is not read.
const schema = lateSchema(() =>
  z.object({
    checkpoints: z.tuple([z.string()], z.string()),
    servers: z.array(z.string()),
    sightings: z.array(z.object({ size: count(), seen: z.string() })),
  }),
);

/** The text of the file in which a tree is remembered: checkpoints are signed notes, times RFC 3339. */
export function formatSeenTree({ lastSeen, servers, sightings }: SeenTree): string {
  const content: z.input<ReturnType<typeof schema>> = {
    checkpoints: [lastSeen[0].note, ...lastSeen.slice(1).map(({ note }) => note)],
    servers: [...servers],
    sightings: sightings.map(({ size, seen }) => ({ size, seen: formatTime(seen) })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * What the file of this tree under this key says. Its checkpoints have to be signed by the key: what was changed
 * on disk must neither accuse a log nor hide what it did.
 * @throws MalformedError
 */
export function parseSeenTree(bytes: Uint8Array, key: LogKey, treeId: string): SeenTree {
  const { checkpoints, sightings, servers } = checkShape(schema(), parseJson(bytes));
  const [largest, ...others] = checkpoints;
  return {
    logId: key.logId,
    treeId,
    lastSeen: [
      readCheckpoint(largest, key, treeId),
      ...others.map((text) => readCheckpoint(text, key, treeId)),
    ],
    servers,
    sightings: sightings.map(({ size, seen }) => ({ size, seen: parseTimestamp(seen) })),
  };
}

function readCheckpoint(text: string, key: LogKey, treeId: string): SignedCheckpoint {
  const checkpoint = readSignedCheckpoint(text, [key]);
  if (checkpoint === undefined) throw new MalformedError('a checkpoint in it is not signed by the log');
  if (checkpoint.treeId !== treeId)
    throw new MalformedError(
      `expected checkpoints of tree ${treeId}, found one of tree ${checkpoint.treeId}`,
    );
  return checkpoint;
}
