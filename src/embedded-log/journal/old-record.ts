import * as z from '../../zod.ts';
import { decodeBase64 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema } from '../../shape.ts';
import type { StoredEntry } from './record.ts';

/** An entry of version 1 of the file. The log did not store its promise, but signed one for each answer. */
export type OldEntry = Omit<StoredEntry, 'signedEntryTimestamp'>;

/** A record of version 1, which had no chain and no first record of its own. */
export type OldRecord = { readonly entry: OldEntry } | { readonly checkpoint: string };

const oldRecordSchema = lateSchema(() =>
  z.union([
    z.strictObject({ checkpoint: z.string() }),
    z.strictObject({ integratedTime: z.int(), indexKeys: z.array(z.string()), body: z.string() }),
  ]),
);

/** Whether the first line of a file, or what a crash left of it, is one of version 1. */
export function isOldRecord(line: Uint8Array): boolean {
  const text = Buffer.from(line.subarray(0, OLD_START.length)).toString('latin1');
  return text !== '' && OLD_START.startsWith(text) && !Buffer.from(line).includes(NEW_MEMBER);
}

const OLD_START = '{"checkpoint"';
const NEW_MEMBER = '"chain"';

/** The record of a line of version 1, without its newline. @throws MalformedError when it is damaged */
export function parseOldRecord(line: Uint8Array): OldRecord {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    throw new MalformedError('expected a record of JSON');
  }
  const record = checkShape(oldRecordSchema(), json);
  if ('checkpoint' in record) return record;
  return { entry: { ...record, body: decodeBase64(record.body) } };
}
