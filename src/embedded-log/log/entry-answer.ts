import { encodeBase64, encodeHex } from '../../encoding.ts';
import type { InclusionPromise } from '../../tlog/inclusion-promise.ts';
import type { SignedTreeHead } from './contents.ts';
import type { MerkleTree } from '../tree.ts';

/** An entry as the Rekor v1 API spells it, with proofs for the present size of the tree. */
export interface EntryAnswer {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
    readonly signedEntryTimestamp: string;
  };
}

/** The answer for a promised entry, with proofs for this head of the tree, in which it has this index. */
export function entryAnswer(
  { body, integratedTime, logId, logIndex }: InclusionPromise,
  signedEntryTimestamp: Uint8Array,
  { tree, head, index }: { tree: MerkleTree; head: SignedTreeHead; index: number },
): EntryAnswer {
  const { size, rootHash, text } = head;
  return {
    body,
    integratedTime,
    logID: logId,
    logIndex,
    verification: {
      inclusionProof: {
        checkpoint: text,
        hashes: tree.inclusionProof(index, size).map(encodeHex),
        logIndex: index,
        rootHash: encodeHex(rootHash),
        treeSize: size,
      },
      signedEntryTimestamp: encodeBase64(signedEntryTimestamp),
    },
  };
}
