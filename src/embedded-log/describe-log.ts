import { encodeHex } from '../encoding.ts';
import { json, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import { numberParameter, treeIdParameter } from './parameters.ts';
import { Refusal } from './refusal.ts';

/** The tree and its checkpoint. */
export function describeTree({ log: { head, treeId } }: Service): ApiAnswer {
  return json({
    inactiveShards: null,
    rootHash: encodeHex(head.rootHash),
    signedTreeHead: head.text,
    treeID: treeId,
    treeSize: head.size,
  });
}

/** The proof between the two sizes in the query. @throws Refusal when the tree never had them */
export function consistencyProof({ log }: Service, { query }: ApiRequest): ApiAnswer {
  const first = numberParameter(query, { name: 'firstSize', minimum: 1, fallback: 1 });
  const last = numberParameter(query, { name: 'lastSize', minimum: 1 });
  const treeId = treeIdParameter(query) ?? log.treeId;
  const { size, rootHash } = log.head;
  if (first > last) throw new Refusal(400, `firstSize(${first}) must be less than lastSize(${last})`);
  if (treeId !== log.treeId) throw new Refusal(400, `no log range found for tree ID ${treeId}`);
  if (last > size)
    throw new Refusal(
      400,
      `the tree size requested(${last}) was greater than what is currently observable(${size})`,
    );
  // As in Rekor, the root is that of the whole tree, whatever sizes were asked for.
  return json({ hashes: log.consistencyProof(first, last), rootHash: encodeHex(rootHash) });
}

/** The public key, as PEM or as JSON. @throws Refusal when another tree is asked for */
export function publicKey({ log }: Service, { query, accept }: ApiRequest): ApiAnswer {
  const treeId = treeIdParameter(query) ?? log.treeId;
  const type = { 'content-type': 'application/x-pem-file' };
  if (treeId !== log.treeId) throw new Refusal(400, 'Bad Request', 400, type);
  if (accept.includes('application/json') && !accept.includes('application/x-pem-file'))
    return json(log.publicKeyPem);
  return { status: 200, headers: type, body: log.publicKeyPem };
}
