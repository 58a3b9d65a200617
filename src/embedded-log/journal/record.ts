import { hash } from 'node:crypto';
import * as z from '../../zod.ts';
import { encodeBase64, encodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema } from '../../shape.ts';
import { headerMembers, readHeader, type JournalHeader } from './journal-header.ts';

/**
 * The version of the format that is written. Version 1 had neither promises nor chain: see `old-record.ts`. Version 2 had
 * all entries in one file, from the first on: see `migrate.ts`.
 */
export const FORMAT_VERSION = 3;

/** What a log keeps about one of its entries. */
export interface StoredEntry {
  /** The bytes of the leaf. */
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** The keys by which a search finds it: see `search-index.ts`. */
  readonly indexKeys: readonly string[];
  /** The signature of its promise. The log makes only one promise for an entry. */
  readonly signedEntryTimestamp: Uint8Array;
}

/** A leaf to log, and the keys by which a search shall find it. */
export type Candidate = Pick<StoredEntry, 'body' | 'indexKeys'>;

/** What closes a batch: the checkpoint of the tree that ends with it, and the log's signature over {@link sealedBytes}. */
export interface Seal {
  /** A signed note. */
  readonly checkpoint: string;
  readonly signature: Uint8Array;
}

/**
 * A record of a log's journal. The first one is its {@link JournalHeader}, of which other versions have only the version.
 * Then follow entries and the seals of their batches.
 */
export type LogRecord =
  | { readonly version: number; readonly header?: JournalHeader; readonly upgradedEntries?: number }
  | { readonly entry: StoredEntry }
  | { readonly seal: Seal };

/**
 * SHA-256 (hexadecimal) over the chain of the record before and this record: it covers all that the log ever held. The
 * header has one over itself alone; what follows it goes on from the chain that it names.
 */
export type Chain = string;

/** The chain before the first record. */
export const NO_CHAIN: Chain = '';

const recordSchema = lateSchema(() =>
  z.union([
    z.looseObject({ version: z.int(), upgradedEntries: z.optional(z.int()) }),
    z.object({ checkpoint: z.string(), signature: z.string() }),
    z.object({
      integratedTime: z.int(),
      indexKeys: z.array(z.string()),
      body: z.string(),
      signedEntryTimestamp: z.string(),
    }),
  ]),
);

/** The line of a log's file, with its newline, that holds the record as JSON, its chain last. */
export function formatRecord(record: LogRecord, before: Chain): { line: Uint8Array; chain: Chain } {
  const content = encodeUtf8(JSON.stringify(membersOf(record)).slice(0, -1));
  const chain = chainOf(before, content);
  return { line: Buffer.concat([content, encodeUtf8(`${chainMember(chain)}\n`)]), chain };
}

/** The chain that ends a line, of which it was not checked that it follows from anything. */
export function chainAtEnd(line: Uint8Array): Chain {
  return Buffer.from(line.subarray(-CHAIN_MEMBER_BYTES)).toString('latin1').slice(-66, -2);
}

/**
 * The record of a line without its newline, and its chain.
 * @throws MalformedError when it is damaged, or is not the one that followed the record before
 */
export function parseRecord(line: Uint8Array, before: Chain): { record: LogRecord; chain: Chain } {
  const chain = requireChain(line, before);
  return { record: readRecord(line), chain };
}

/** The chain of a line without its newline. @throws MalformedError when it does not follow from the one before */
export function requireChain(line: Uint8Array, before: Chain): Chain {
  const end = Math.max(line.length - CHAIN_MEMBER_BYTES, 0);
  const chain = chainOf(before, line.subarray(0, end));
  if (Buffer.from(line.subarray(end)).toString('latin1') !== chainMember(chain))
    throw new MalformedError('expected a record whose digest follows from all before it');
  return chain;
}

/**
 * The record of a line without its newline, after the chain was checked.
 * @throws MalformedError on another shape
 */
export function readRecord(line: Uint8Array): LogRecord {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch {
    throw new MalformedError('expected a record of JSON');
  }
  const record = checkShape(recordSchema(), json);
  if ('version' in record)
    return record.version === FORMAT_VERSION
      ? { version: record.version, header: readHeader(record) }
      : { version: record.version, upgradedEntries: record.upgradedEntries ?? 0 };
  if ('checkpoint' in record)
    return { seal: { checkpoint: record.checkpoint, signature: Buffer.from(record.signature, 'base64') } };
  const { integratedTime, indexKeys, body, signedEntryTimestamp } = record;
  return {
    entry: {
      integratedTime,
      indexKeys,
      // The spelling of the base64 need not be checked here: the chain, or the signature, covers it.
      body: Buffer.from(body, 'base64'),
      signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64'),
    },
  };
}

/**
 * What the log signs in a seal: the whole file before it, and the checkpoint. The log signs nothing else of
 * this form.
 */
export function sealedBytes(before: Chain, checkpoint: string, version = FORMAT_VERSION): Uint8Array {
  return encodeUtf8(`helm-sigstore log file ${version}\n${before}\n${checkpoint}`);
}

const CHAIN_MEMBER_BYTES = chainMember('0'.repeat(64)).length;

function chainMember(chain: Chain): string {
  return `,"chain":"${chain}"}`;
}

function chainOf(before: Chain, content: Uint8Array): Chain {
  const length = before.length + content.length;
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * length);
  scratch.write(before, 'latin1');
  scratch.set(content, before.length);
  return hash('sha256', scratch.subarray(0, length), 'hex');
}

/** Reused for the digest of each record at a start: one call over the same memory is the cheapest. */
let scratch = Buffer.allocUnsafeSlow(1 << 14);

function membersOf(record: LogRecord): object {
  if ('version' in record) return record.header ? headerMembers(record.header) : record;
  if ('seal' in record) {
    const { checkpoint, signature } = record.seal;
    return { checkpoint, signature: encodeBase64(signature) };
  }
  const { integratedTime, indexKeys, body, signedEntryTimestamp } = record.entry;
  return {
    integratedTime,
    indexKeys,
    body: encodeBase64(body),
    signedEntryTimestamp: encodeBase64(signedEntryTimestamp),
  };
}
