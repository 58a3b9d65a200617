import * as z from '../zod.ts';
import { decodeBase64, encodeBase64, encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';

/** What a log keeps about one of its entries. */
export interface StoredEntry {
  /** The bytes of the leaf. */
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** What a search finds it by: see `search-index.ts`. */
  readonly indexKeys: readonly string[];
}

/** A record of a log's file: an entry, or the checkpoint (a signed note) that closes the entries before it. */
export type LogRecord = { readonly entry: StoredEntry } | { readonly checkpoint: string };

const recordSchema = lateSchema(() =>
  z.union([
    z.object({ checkpoint: z.string() }),
    z.object({ integratedTime: z.int(), indexKeys: z.array(z.string()), body: z.string() }),
  ]),
);

/** The line of a log's file, with its newline, that holds the record as JSON. */
export function formatRecord(record: LogRecord): Uint8Array {
  if ('checkpoint' in record) return encodeUtf8(`${JSON.stringify({ checkpoint: record.checkpoint })}\n`);
  const { integratedTime, indexKeys, body } = record.entry;
  return encodeUtf8(`${JSON.stringify({ integratedTime, indexKeys, body: encodeBase64(body) })}\n`);
}

/** The record of a line without its newline. @throws MalformedError when it is damaged */
export function parseRecord(line: Uint8Array): LogRecord {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    throw new MalformedError('expected a record of JSON');
  }
  const record = checkShape(recordSchema(), json);
  if ('checkpoint' in record) return record;
  return { entry: { ...record, body: decodeBase64(record.body) } };
}
