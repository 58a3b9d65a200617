import { decodeHex, encodeBase64, encodeUtf8 } from '../encoding.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import { ENTRY_KIND, MEDIA_TYPE, type Evidence } from './evidence.ts';
import { parseEvidence } from './parse.ts';

/**
 * The bytes of an evidence file: the same evidence gives the same bytes. What `parseEvidence` reads of them is the
 * evidence again; where an entry was named otherwise than its bytes say, without that name.
 * @throws MalformedError on what no evidence file may hold: an address with a password in it, an entry that is too long
 */
export function formatEvidence({ log, entries }: Evidence): Uint8Array {
  const json = { mediaType: MEDIA_TYPE, log, entries: entries.map(entryMembers) };
  const bytes = encodeUtf8(`${JSON.stringify(json, null, 2)}\n`);
  // What cannot be read again is not written.
  parseEvidence(bytes);
  return bytes;
}

/** The entry as a `TransparencyLogEntry`, in the order of its fields. */
function entryMembers({ body, logId, proof, time }: LoggedEntry): object {
  return {
    logIndex: String(time.logIndex),
    logId: { keyId: encodeBase64(decodeHex(logId)) },
    kindVersion: ENTRY_KIND,
    integratedTime: String(time.integratedTime),
    inclusionPromise: { signedEntryTimestamp: encodeBase64(time.signature) },
    inclusionProof: {
      logIndex: String(proof.index),
      rootHash: encodeBase64(proof.rootHash),
      treeSize: String(proof.size),
      hashes: proof.hashes.map(encodeBase64),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: encodeBase64(body),
  };
}
