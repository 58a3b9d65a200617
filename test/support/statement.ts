import type { EntryAnswer } from '../../src/embedded-log/log/entry-answer.ts';
import type { TreeHead } from '../../src/tlog/checkpoint.ts';
import * as note from './independent/note.mjs';
import type { LogKeyPair } from './log-keys.ts';

/** All that a log says about one entry, before it signs it. */
export interface Statement {
  /** 80 or 64 hexadecimal digits. */
  readonly uuid: string;
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  readonly logId: string;
  /** Over all trees of the log. */
  readonly logIndex: number;
  readonly proof: Proof;
  readonly checkpoint: TreeHead & { readonly extensions: readonly string[] };
  /** The keys that the two signatures are made with. */
  readonly keys: { readonly promise: LogKeyPair; readonly checkpoint: LogKeyPair };
}

export interface Proof {
  /** Within one tree. */
  readonly logIndex: number;
  readonly treeSize: number;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
}

/** The name under which the log of the tests signs checkpoints. */
export const SIGNER_NAME = 'log.test';

/** The statement with its two signatures, as the Rekor v1 API spells it below the UUID. */
export function signStatement(said: Statement): EntryAnswer {
  const { integratedTime, logId, logIndex, proof } = said;
  return {
    body: Buffer.from(said.body).toString('base64'),
    integratedTime,
    logID: logId,
    logIndex,
    verification: {
      inclusionProof: {
        checkpoint: signCheckpoint(said.checkpoint, said.keys.checkpoint),
        hashes: proof.hashes.map(hex),
        logIndex: proof.logIndex,
        rootHash: hex(proof.rootHash),
        treeSize: proof.treeSize,
      },
      signedEntryTimestamp: Buffer.from(signPromise(said, said.keys.promise)).toString('base64'),
    },
  };
}

/** The key's signature over the promise of a statement. */
export function signPromise(said: Statement, { privateKey }: LogKeyPair): Uint8Array {
  return note.signText(privateKey, note.promiseText(said));
}

/** The text of a checkpoint with one signature line, by this key. */
export function signCheckpoint(head: Statement['checkpoint'], keys: LogKeyPair): string {
  const text = note.checkpointText(head);
  return note.noteOf(text, [signLine(text, keys)]);
}

/** The signature line of this key under the text of a note. */
export function signLine(text: string, { privateKey }: LogKeyPair, name = SIGNER_NAME): note.SignatureLine {
  return note.signLine(text, privateKey, name);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
