import { encodeBase64, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { leafHash, rootFromInclusionProof } from '../tlog/merkle.ts';

/** An entry of a log as a bundle holds it (sigstore_rekor.proto, `TransparencyLogEntry`), in JSON. */
export interface LogEntryJson {
  /** Decimal, as are all numbers here. */
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  /** Only of a log that says when it took the entry. */
  readonly integratedTime?: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

/** The parts of an inclusion proof. */
export interface EntryProof {
  readonly index: number;
  readonly size: number;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}

/**
 * The JSON of a proof that leads from a body to the root of its checkpoint. Whose signature the checkpoint has is for
 * those to say who know the log's key.
 * @throws MalformedError if it does not lead there
 */
export function proofJsonOf(body: Uint8Array, proof: EntryProof): LogEntryJson['inclusionProof'] {
  const { index, size, rootHash, hashes, checkpoint } = proof;
  const head = parseCheckpoint(checkpoint);
  if (head.size !== size || !equalBytes(head.rootHash, rootHash))
    throw new MalformedError('the checkpoint is of another tree than the proof');
  if (!equalBytes(rootFromInclusionProof(index, size, leafHash(body), hashes), rootHash))
    throw new MalformedError('the proof does not lead from the entry to the root of the tree');
  return {
    logIndex: String(index),
    rootHash: encodeBase64(rootHash),
    treeSize: String(size),
    hashes: hashes.map(encodeBase64),
    checkpoint: { envelope: checkpoint },
  };
}
