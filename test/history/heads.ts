import { MerkleTree } from '../../src/embedded-log/tree.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import type { Observation } from '../../src/history/tree-memory.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import type { SignedHead } from '../../src/verification/signed-head.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { signCheckpoint } from '../support/statement.ts';

/** The key of the log of these tests. */
export const keys = newLogKeys['P-256']();
export const treeId = '7';
export const server = 'https://rekor.example.com';
/** A moment, in seconds since 1970. */
export const NOON = 1_795_604_400;

const tree = new MerkleTree();
const fork = new MerkleTree();
for (let index = 0; index < 2000; index++) {
  tree.append(leafHash(encodeUtf8(`leaf ${index}`)));
  fork.append(leafHash(encodeUtf8(`other ${index}`)));
}

/** The head of the tree at this size. */
export function head(size: number): SignedHead {
  return headOf(tree, size);
}

/** The head of another tree that says to be the same. */
export function forkedHead(size: number): SignedHead {
  return headOf(fork, size);
}

/** What a run saw that has proven the head to extend all that was remembered. */
export function observation(size: number, parts: Partial<Observation> = {}): Observation {
  return { head: head(size), linkedTo: [], server, offset: 0, seen: undefined, ...parts };
}

function headOf(of: MerkleTree, size: number): SignedHead {
  const signed = { origin: `log.test - ${treeId}`, size, rootHash: of.root(size), extensions: [] };
  const { logId } = keys.key;
  const { origin, rootHash } = signed;
  return { origin, size, rootHash, logId, treeId, checkpoint: signCheckpoint(signed, keys) };
}
