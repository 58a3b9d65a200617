import { encodeBase64 } from '../encoding.ts';
import { promisePayload } from '../tlog/inclusion-promise.ts';
import { signWith } from '../tlog/log-key.ts';
import type { SigningKey } from './key-file.ts';
import type { OldEntry } from './old-record.ts';
import type { StoredEntry } from './record.ts';

/** An entry with the log's promise for it at this index. */
export function withPromise(entry: OldEntry, logIndex: number, { key, privateKey }: SigningKey): StoredEntry {
  const { body, integratedTime } = entry;
  const payload = promisePayload({ body: encodeBase64(body), integratedTime, logId: key.logId, logIndex });
  return { ...entry, signedEntryTimestamp: signWith(privateKey, payload) };
}
