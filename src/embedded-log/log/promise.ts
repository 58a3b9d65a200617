import { encodeBase64 } from '../../encoding.ts';
import { promisePayload, type InclusionPromise } from '../../tlog/inclusion-promise.ts';
import { signWith, type LogKey } from '../../tlog/log-key.ts';
import type { SigningKey } from '../key-file.ts';
import type { OldEntry } from '../journal/old-record.ts';
import type { StoredEntry } from '../journal/record.ts';

/** An entry with the log's promise for it at this index. */
export function withPromise(entry: OldEntry, logIndex: number, { key, privateKey }: SigningKey): StoredEntry {
  const payload = promisePayload(promiseOf(entry, logIndex, key));
  return { ...entry, signedEntryTimestamp: signWith(privateKey, payload) };
}

/** What the log with this key promises of an entry at this index. */
export function promiseOf(
  { body, integratedTime }: Pick<StoredEntry, 'body' | 'integratedTime'>,
  logIndex: number,
  { logId }: LogKey,
): InclusionPromise {
  return { body: encodeBase64(body), integratedTime, logId, logIndex };
}
