import { MalformedError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import type { EntryId } from '../tlog/logged-entry.ts';

const maxTreeId = 2n ** 63n - 1n;

/**
 * The ID (in Rekor's words UUID) that 64 (leaf hash) or 80 (tree ID, leaf hash) lower-case hexadecimal digits spell.
 * @throws MalformedError on any other text and on a tree ID that is zero or above 2^63 - 1.
 */
export function parseEntryId(text: string): EntryId {
  if (!/^(?:[0-9a-f]{16})?[0-9a-f]{64}$/.test(text))
    throw new MalformedError(`expected an entry ID of 64 or 80 hexadecimal digits, found ${excerpt(text)}`);
  const leafHash = text.slice(-64);
  if (text.length === 64) return { leafHash, text };
  const treeId = BigInt(`0x${text.slice(0, 16)}`);
  if (treeId === 0n || treeId > maxTreeId)
    throw new MalformedError(`no tree has the ID that begins entry ID ${excerpt(text)}`);
  return { treeId: treeId.toString(), leafHash, text };
}

/**
 * The ID of the entry with this leaf hash (64 hexadecimal digits) in this tree (decimal), or in any tree.
 * @throws MalformedError if either is no such value.
 */
export function formatEntryId(leafHash: string, treeId?: string): EntryId {
  if (treeId === undefined) return parseEntryId(leafHash);
  if (!/^[1-9][0-9]{0,18}$/.test(treeId)) throw new MalformedError(`not a tree ID: ${excerpt(treeId)}`);
  return parseEntryId(BigInt(treeId).toString(16).padStart(16, '0') + leafHash);
}

/**
 * The ID of the tree that a Rekor checkpoint is of: the decimal number that ends its origin, `HOST - TREE`.
 * @throws MalformedError when the origin has another form.
 */
export function treeIdOfOrigin(origin: string): string {
  const treeId = / - ([1-9][0-9]{0,18})$/.exec(origin)?.[1];
  if (treeId === undefined)
    throw new MalformedError('the origin of the checkpoint does not end in a tree ID');
  return treeId;
}
