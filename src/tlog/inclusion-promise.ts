import { encodeUtf8 } from '../encoding.ts';
import { verifySignature, type LogKey } from './log-key.ts';

/** What a log promises with a signed entry timestamp: this entry is, or will be, in the log at this index. */
export interface InclusionPromise {
  /** Base64 of the entry's bytes, as the log spells it. */
  readonly body: string;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** SHA-256 of the log's public key: 64 hexadecimal digits. */
  readonly logId: string;
  /** The index over all trees of the log. */
  readonly logIndex: number;
}

/** The bytes under a signed entry timestamp: the promise as canonical JSON (RFC 8785). */
export function promisePayload({ body, integratedTime, logId, logIndex }: InclusionPromise): Uint8Array {
  // Sorted names, well-formed strings and safe integers: here JSON.stringify writes what RFC 8785 asks for.
  return encodeUtf8(JSON.stringify({ body, integratedTime, logID: logId, logIndex }));
}

/** Whether the key is the one that the promise names, and the signature over the promise is its own. */
export function verifyInclusionPromise(
  promise: InclusionPromise,
  signature: Uint8Array,
  key: LogKey,
): boolean {
  return promise.logId === key.logId && verifySignature(key, promisePayload(promise), signature);
}
