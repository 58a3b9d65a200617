import { leafHash } from './independent/tree.mjs';

/** The body of an entry for a signature in a Rekor v2. @param spec of a hashedrekord 0.0.2 */
export function signatureBody(spec: object): Buffer {
  const body = { apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002: spec } };
  return Buffer.from(JSON.stringify(body));
}

/** An entry alone in its tree, as a log answers with it; its kind and its time are to be added. */
export function loneEntry(body: Buffer, keyId: Uint8Array, checkpoint: string) {
  return {
    logIndex: '0',
    logId: { keyId: Buffer.from(keyId).toString('base64') },
    inclusionProof: {
      logIndex: '0',
      rootHash: Buffer.from(leafHash(body)).toString('base64'),
      treeSize: '1',
      hashes: [],
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body.toString('base64'),
  };
}
