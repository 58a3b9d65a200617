import * as z from '../../zod.ts';
import { sha256Hex } from '../../digest.ts';
import { decodeBase64, encodeBase64, encodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema, parseJson } from '../../shape.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../tlog/checkpoint.ts';
import { logKeyFromSpki, signWith, verifySignature, type LogKey } from '../../tlog/log-key.ts';
import type { SignedTreeHead } from './contents.ts';
import type { SigningKey } from '../key-file.ts';
import { treeIdOf } from './origin.ts';

/** The list of the trees that were frozen, in the directory of a log, and the directory that they are in. */
export const FROZEN_LIST = 'shards.json';
export const FROZEN_DIRECTORY = 'shards';

/** A tree that does not grow any more, at its end. */
export interface FrozenHead extends SignedTreeHead {
  /** Decimal. */
  readonly treeId: string;
  /** Signed this checkpoint, and all that is in the tree. */
  readonly key: LogKey;
}

const listSchema = lateSchema(() =>
  z.strictObject({
    trees: z.array(z.strictObject({ publicKey: z.string(), checkpoint: z.string() })),
    signature: z.string(),
  }),
);

interface Listed {
  readonly publicKey: string;
  readonly checkpoint: string;
}

/** The list of frozen trees, the oldest first, signed by the log whose tree with this origin follows them. */
export function formatFrozenList(
  trees: readonly Pick<FrozenHead, 'key' | 'text'>[],
  origin: string,
  { privateKey }: SigningKey,
): string {
  const listed = trees.map(({ key, text }) => ({
    publicKey: encodeBase64(key.publicKey.export({ format: 'der', type: 'spki' })),
    checkpoint: text,
  }));
  const signature = encodeBase64(signWith(privateKey, signedList(listed, origin)));
  return `${JSON.stringify({ trees: listed, signature })}\n`;
}

/**
 * The trees that a list names, the oldest first.
 * @throws MalformedError when the log did not sign the list, a tree's own key did not sign its checkpoint, or there are none
 */
export function parseFrozenList(bytes: Uint8Array, origin: string, key: LogKey): FrozenHead[] {
  const { trees, signature } = checkShape(listSchema(), parseJson(bytes));
  if (!verifySignature(key, signedList(trees, origin), decodeBase64(signature)))
    throw new MalformedError('it is not what was signed');
  const heads = trees.map(headOf);
  const names = new Set([treeIdOf(origin), ...heads.map(({ treeId }) => treeId)]);
  if (heads.length === 0 || names.size <= heads.length)
    throw new MalformedError('expected trees, and each of them once');
  return heads;
}

/** How many entries these trees have together. */
export function sizeOfAll(trees: readonly Pick<FrozenHead, 'size'>[]): number {
  return trees.reduce((sum, { size }) => sum + size, 0);
}

function headOf({ publicKey, checkpoint: text }: Listed): FrozenHead {
  const key = logKeyFromSpki(decodeBase64(publicKey));
  const checkpoint = parseCheckpoint(text);
  if (!verifyCheckpointSignature(checkpoint, key))
    throw new MalformedError('a checkpoint that the key of its tree did not sign');
  return { ...checkpoint, text, key, treeId: treeIdOf(checkpoint.origin) };
}

/** The log signs nothing else of this form. */
function signedList(trees: readonly Listed[], origin: string): Uint8Array {
  const lines = trees.map(
    ({ publicKey, checkpoint }) => `${publicKey} ${sha256Hex(encodeUtf8(checkpoint))}\n`,
  );
  return encodeUtf8(`helm-sigstore shards\n${origin}\n${lines.join('')}`);
}
