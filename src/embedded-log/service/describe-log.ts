import { encodeHex } from '../../encoding.ts';
import { Refusal } from '../entry/refusal.ts';
import { json, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import { numberParameter, treeIdParameter } from './parameters.ts';
import type { TreeReader } from '../log/tree-reader.ts';

/** The tree that grows and its checkpoint, and those that were frozen. */
export function describeTree({ log: { trees } }: Service): ApiAnswer {
  const inactive = trees.frozen.map(treeMembers);
  return json({ inactiveShards: inactive.length === 0 ? null : inactive, ...treeMembers(trees.active) });
}

function treeMembers({ head, treeId }: TreeReader): object {
  return {
    rootHash: encodeHex(head.rootHash),
    signedTreeHead: head.text,
    treeID: treeId,
    treeSize: head.size,
  };
}

/** The proof between the two sizes in the query. @throws Refusal when the tree never had them */
export function consistencyProof({ log: { trees } }: Service, { query }: ApiRequest): ApiAnswer {
  const first = numberParameter(query, { name: 'firstSize', minimum: 1, fallback: 1 });
  const last = numberParameter(query, { name: 'lastSize', minimum: 1 });
  const treeId = treeIdParameter(query) ?? trees.active.treeId;
  if (first > last) throw new Refusal(400, `firstSize(${first}) must be less than lastSize(${last})`);
  const tree = trees.withId(treeId);
  if (tree === undefined) throw new Refusal(400, `no log range found for tree ID ${treeId}`);
  const { size, rootHash } = tree.head;
  if (last > size)
    throw new Refusal(
      400,
      `the tree size requested(${last}) was greater than what is currently observable(${size})`,
    );
  // As in Rekor, the root is that of the whole tree, whatever sizes were asked for.
  return json({ hashes: tree.consistencyProof(first, last), rootHash: encodeHex(rootHash) });
}

/** The public key of a tree, as PEM or as JSON. @throws Refusal when an unknown tree is asked for */
export function publicKey({ log: { trees } }: Service, { query, accept }: ApiRequest): ApiAnswer {
  const tree = trees.withId(treeIdParameter(query) ?? trees.active.treeId);
  const type = { 'content-type': 'application/x-pem-file' };
  if (tree === undefined) throw new Refusal(400, 'Bad Request', 400, type);
  const { publicKeyPem } = tree;
  if (accept.includes('application/json') && !accept.includes('application/x-pem-file'))
    return json(publicKeyPem);
  return { status: 200, headers: type, body: publicKeyPem };
}
