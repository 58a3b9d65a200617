import { acceptEntry, type AcceptedEntry } from '../entry/acceptance.ts';
import { json, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import type { KnownKeys } from '../entry/known-keys.ts';
import type { Log } from '../log/log.ts';
import { parseProposedEntry, UnacceptableEntry } from '../entry/proposed-entry.ts';
import type { Candidate } from '../journal/record.ts';
import { Refusal } from '../entry/refusal.ts';
import { parseUpload } from '../entry/request-body.ts';
import { Unwritable } from '../log/unwritable.ts';

/**
 * Logs the proposed entry of the body.
 * @throws Refusal when this client, or this signer, may log nothing (501, 401, 403), it cannot be logged, is logged already (409), or nothing can be written now (503)
 */
export async function createEntry(service: Service, request: ApiRequest): Promise<ApiAnswer> {
  const { log, gate, admission, keys } = service;
  const { body, authorization } = request;
  admission.requireUploader(authorization);
  const { signer, ...candidate } = await gate.run(body.length, () => accept(body, keys));
  admission.requireSigner(signer);
  const { index, stored } = await upload(service, candidate);
  const id = log.entryId(index);
  const location = `/api/v1/log/entries/${id}`;
  if (stored !== undefined)
    return await gate.run(log.bytesOf([index]), () =>
      json(log.answerOf(index, stored), 201, { etag: id, location }),
    );
  const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
  throw new Refusal(409, message, 409, { location });
}

async function accept(body: Uint8Array, keys: KnownKeys): Promise<AcceptedEntry> {
  const proposed = parseUpload(body);
  try {
    return await acceptEntry(parseProposedEntry(proposed), keys);
  } catch (error) {
    if (error instanceof UnacceptableEntry)
      throw new Refusal(400, `error processing entry: ${error.message}`);
    throw error;
  }
}

async function upload({ log, metrics }: Service, candidate: Candidate): ReturnType<Log['upload']> {
  metrics.waiting++;
  try {
    return await log.upload(candidate);
  } catch (error) {
    if (error instanceof Unwritable) throw new Refusal(503, error.message);
    throw error;
  } finally {
    metrics.waiting--;
  }
}
