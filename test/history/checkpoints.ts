import { encodeUtf8 } from '../../src/encoding.ts';
import type { NewCheckpoint } from '../../src/history/seen-tree.ts';
import type { SignedCheckpoint } from '../../src/verification/signed-checkpoint.ts';
import { leafHash, ReferenceTree } from '../support/independent/tree.mjs';
import { newLogKeys } from '../support/log-keys.ts';
import { signCheckpoint } from '../support/statement.ts';

/** The key of the log of these tests. */
export const keys = newLogKeys['P-256']();
export const treeId = '7';
export const server = 'https://rekor.example.com';
/** A moment, in seconds since 1970. */
export const NOON = 1_795_604_400;

const tree = new ReferenceTree();
const fork = new ReferenceTree();
for (let index = 0; index < 2000; index++) {
  tree.append(leafHash(encodeUtf8(`leaf ${index}`)));
  fork.append(leafHash(encodeUtf8(`other ${index}`)));
}

/** The head of the tree at this size. */
export function head(size: number): SignedCheckpoint {
  return headOf(tree, size);
}

/** The head of another tree that says to be the same. */
export function forkedHead(size: number): SignedCheckpoint {
  return headOf(fork, size);
}

/** What a run saw that has proven the head to extend all that was remembered. */
export function newCheckpoint(size: number, parts: Partial<NewCheckpoint> = {}): NewCheckpoint {
  return { checkpoint: head(size), linkedTo: [], server, seen: undefined, ...parts };
}

function headOf(of: ReferenceTree, size: number): SignedCheckpoint {
  const signed = { origin: `log.test - ${treeId}`, size, rootHash: of.root(size), extensions: [] };
  const { logId } = keys.key;
  const { origin, rootHash } = signed;
  return { origin, size, rootHash, logId, treeId, note: signCheckpoint(signed, keys) };
}
