import { acceptEntry, type AcceptedEntry } from './acceptance.ts';
import { json, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import type { Log } from './log.ts';
import { parseProposedEntry, UnacceptableEntry } from './proposed-entry.ts';
import type { Candidate } from './record.ts';
import { Refusal } from './refusal.ts';
import { parseUpload } from './request-body.ts';
import { Unwritable } from './unwritable.ts';

/**
 * Logs the proposed entry of the body.
 * @throws Refusal when this client, or this signer, may log nothing (501, 401, 403), it cannot be logged, is logged already (409), or nothing can be written now (503)
 */
export async function createEntry(service: Service, request: ApiRequest): Promise<ApiAnswer> {
  const { log, gate, admission } = service;
  const { body, authorization } = request;
  admission.requireUploader(authorization);
  const { signer, ...candidate } = await gate.run(body.length, () => accept(body));
  admission.requireSigner(signer);
  const { index, isNew } = await add(service, candidate);
  const id = log.entryId(index);
  const location = `/api/v1/log/entries/${id}`;
  if (isNew)
    return await gate.run(log.bytesOf([index]), async () =>
      json(await log.entry(index), 201, { etag: id, location }),
    );
  const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
  throw new Refusal(409, message, 409, { location });
}

async function accept(body: Uint8Array): Promise<AcceptedEntry> {
  const proposed = parseUpload(body);
  try {
    return await acceptEntry(parseProposedEntry(proposed));
  } catch (error) {
    if (error instanceof UnacceptableEntry)
      throw new Refusal(400, `error processing entry: ${error.message}`);
    throw error;
  }
}

async function add({ log, metrics }: Service, candidate: Candidate): ReturnType<Log['add']> {
  metrics.waiting++;
  try {
    return await log.add(candidate);
  } catch (error) {
    if (error instanceof Unwritable) throw new Refusal(503, error.message);
    throw error;
  } finally {
    metrics.waiting--;
  }
}
