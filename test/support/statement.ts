import type { EntryAnswer } from '../../src/embedded-log/log.ts';
import { encodeBase64, encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import type { TreeHead } from '../../src/tlog/checkpoint.ts';
import { promisePayload } from '../../src/tlog/inclusion-promise.ts';
import { keyHint, signWith } from '../../src/tlog/log-key.ts';
import { formatNote, type Note } from '../../src/tlog/note.ts';
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
    body: encodeBase64(said.body),
    integratedTime,
    logID: logId,
    logIndex,
    verification: {
      inclusionProof: {
        checkpoint: signCheckpoint(said.checkpoint, said.keys.checkpoint),
        hashes: proof.hashes.map(encodeHex),
        logIndex: proof.logIndex,
        rootHash: encodeHex(proof.rootHash),
        treeSize: proof.treeSize,
      },
      signedEntryTimestamp: encodeBase64(signPromise(said, said.keys.promise)),
    },
  };
}

/** The key's signature over the promise of a statement. */
export function signPromise(
  { body, integratedTime, logId, logIndex }: Statement,
  { privateKey }: LogKeyPair,
): Uint8Array {
  const promise = { body: encodeBase64(body), integratedTime, logId, logIndex };
  return signWith(privateKey, promisePayload(promise));
}

/** The text of a checkpoint with one signature line, by this key. */
export function signCheckpoint(
  { origin, size, rootHash, extensions }: Statement['checkpoint'],
  keys: LogKeyPair,
): string {
  const lines = [origin, `${size}`, encodeBase64(rootHash), ...extensions];
  const text = lines.map((line) => `${line}\n`).join('');
  return formatNote({ text, signatures: [signLine(text, keys)] });
}

/** The signature line of this key under the text of a note. */
export function signLine(
  text: string,
  { key, privateKey }: LogKeyPair,
  name = SIGNER_NAME,
): Note['signatures'][number] {
  return { name, keyHint: keyHint(key), signature: signWith(privateKey, encodeUtf8(text)) };
}
