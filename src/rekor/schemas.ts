import * as z from '../zod.ts';
import { decodeBase64, decodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseEntryId, type EntryId } from './entry-id.ts';

/**
 * The answers of the Rekor v1 API that this project reads (Rekor's openapi.yaml): strict about what is used,
 * tolerant of members that are not.
 */

/** An entry as the log returned it. Nothing of it is proven. */
export interface LogEntry {
  /** The name that the log gave it; not necessarily the one that was asked for. */
  readonly id: EntryId;
  /** The body's base64 text, which the signed entry timestamp covers. */
  readonly bodyBase64: string;
  /** The bytes of the leaf, never re-serialised. */
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** SHA-256 of the log's public key, 64 hexadecimal digits. */
  readonly logId: string;
  /** Index across all trees of the log. */
  readonly logIndex: number;
  readonly inclusionProof: InclusionProof;
  readonly signedEntryTimestamp: Uint8Array;
}

/** An entry without its bytes: what is kept of it once it was judged, because there may be thousands. */
export type EntrySummary = Omit<LogEntry, 'body' | 'bodyBase64'>;

/** The entry without its bytes. */
export function summaryOf({ id, integratedTime, logId, logIndex, ...rest }: LogEntry): EntrySummary {
  const { inclusionProof, signedEntryTimestamp } = rest;
  return { id, integratedTime, logId, logIndex, inclusionProof, signedEntryTimestamp };
}

/** The proof that a leaf is in a tree, with the checkpoint (signed note) that vouches for the root. */
interface InclusionProof {
  readonly checkpoint: string;
  readonly hashes: readonly Uint8Array[];
  /** Index within this tree. */
  readonly logIndex: number;
  readonly rootHash: Uint8Array;
  readonly treeSize: number;
}

/** The state of one tree of a log. */
interface TreeInfo {
  /** Decimal. */
  readonly treeId: string;
  readonly treeSize: number;
  readonly rootHash: Uint8Array;
  /** The checkpoint, a signed note. */
  readonly signedTreeHead: string;
}

/** The state of a log: its active tree and those that grow no more. */
export interface LogInfo extends TreeInfo {
  readonly inactiveShards: readonly TreeInfo[];
}

/** A consistency proof; `rootHash` is that of the tree when the server answered, not of the size asked for. */
export interface ConsistencyProof {
  readonly hashes: readonly Uint8Array[];
  readonly rootHash: Uint8Array;
}

const sha256Digits = lateSchema(() => z.string().check(z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')));
const count = lateSchema(() => z.int('a whole number').check(z.gte(0, 'a number from 0')));
// No tree that fits into 64 bits has a longer path.
const path = lateSchema(() => z.array(sha256Digits()).check(z.maxLength(64, 'at most 64 hashes')));

const logEntrySchema = lateSchema(() =>
  z.object({
    body: z.string(),
    integratedTime: count(),
    logID: sha256Digits(),
    logIndex: count(),
    verification: z.object({
      inclusionProof: z.object({
        checkpoint: z.string(),
        hashes: path(),
        logIndex: count(),
        rootHash: sha256Digits(),
        treeSize: count(),
      }),
      signedEntryTimestamp: z.string(),
    }),
  }),
);

const treeSchema = lateSchema(() => ({
  treeID: z.string().check(z.regex(/^[1-9][0-9]{0,18}$/, 'a tree ID in decimal')),
  treeSize: count(),
  rootHash: sha256Digits(),
  signedTreeHead: z.string(),
}));
const treeInfoSchema = lateSchema(() => z.object(treeSchema()));
const logInfoSchema = lateSchema(() =>
  z.object({
    ...treeSchema(),
    inactiveShards: z.optional(z.nullable(z.array(treeInfoSchema()))),
  }),
);

const consistencyProofSchema = lateSchema(() => z.object({ hashes: path(), rootHash: sha256Digits() }));
const anyObject = lateSchema(() => z.looseObject({}));
const anyList = lateSchema(() => z.array(z.unknown()));
const indexSchema = lateSchema(() => z.array(z.string()));
const errorSchema = lateSchema(() => z.object({ message: z.string() }));

/**
 * The entry of an answer `{"<entry ID>": {...}}`.
 * @throws MalformedError
 */
export function parseLogEntry(json: unknown): LogEntry {
  const members = Object.entries(checkShape(anyObject(), json));
  const [member] = members;
  if (member === undefined || members.length > 1)
    throw new MalformedError(`expected an object with one entry, found ${members.length}`);
  const id = parseEntryId(member[0]);
  const entry = checkShape(logEntrySchema(), member[1]);
  const { inclusionProof, signedEntryTimestamp } = entry.verification;
  return {
    id,
    bodyBase64: entry.body,
    body: decodeBase64(entry.body),
    integratedTime: entry.integratedTime,
    logId: entry.logID,
    logIndex: entry.logIndex,
    inclusionProof: {
      ...inclusionProof,
      hashes: inclusionProof.hashes.map(decodeHex),
      rootHash: decodeHex(inclusionProof.rootHash),
    },
    signedEntryTimestamp: decodeBase64(signedEntryTimestamp),
  };
}

/** The elements of an answer of `entries/retrieve`, each for `parseLogEntry`. @throws MalformedError */
export function parseEntryList(json: unknown): readonly unknown[] {
  return checkShape(anyList(), json);
}

/** The answer of `log`. @throws MalformedError */
export function parseLogInfo(json: unknown): LogInfo {
  const info = checkShape(logInfoSchema(), json);
  return { ...treeInfo(info), inactiveShards: (info.inactiveShards ?? []).map(treeInfo) };
}

/** The answer of `log/proof`. @throws MalformedError */
export function parseConsistencyProof(json: unknown): ConsistencyProof {
  const proof = checkShape(consistencyProofSchema(), json);
  return { hashes: proof.hashes.map(decodeHex), rootHash: decodeHex(proof.rootHash) };
}

/** The answer of `index/retrieve`: entry IDs in no order, each once. @throws MalformedError */
export function parseIndexAnswer(json: unknown): readonly EntryId[] {
  return [...new Set(checkShape(indexSchema(), json))].map(parseEntryId);
}

/** The message of an error answer `{"code": …, "message": …}`. @throws MalformedError */
export function parseErrorMessage(json: unknown): string {
  return checkShape(errorSchema(), json).message;
}

function treeInfo(tree: z.output<ReturnType<typeof treeInfoSchema>>): TreeInfo {
  return {
    treeId: tree.treeID,
    treeSize: tree.treeSize,
    rootHash: decodeHex(tree.rootHash),
    signedTreeHead: tree.signedTreeHead,
  };
}
