import * as z from '../zod.ts';
import { decodeBase64, decodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { ENTRY_LIMITS, type EntryId, type LoggedEntry } from '../tlog/logged-entry.ts';
import { parseEntryId } from './entry-id.ts';

/**
 * The answers of the Rekor v1 API that this project reads (Rekor's openapi.yaml): strict about what is used,
 * tolerant of members that are not.
 */

/** The state of one tree of a log. */
interface TreeInfo {
  /** Decimal. */
  readonly treeId: string;
  readonly treeSize: number;
  readonly rootHash: Uint8Array;
  /** The checkpoint, a signed note. */
  readonly signedTreeHead: string;
}

/** The state of a log: its active tree, and its inactive ones. */
export interface LogInfo extends TreeInfo {
  readonly inactiveShards: readonly TreeInfo[];
}

/** The answer of `log/proof`; `rootHash` is that of the tree when the server answered, not of the size asked for. */
export interface ProofAnswer {
  readonly hashes: readonly Uint8Array[];
  readonly rootHash: Uint8Array;
}

const sha256Digits = lateSchema(() => z.string().check(z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')));
const count = lateSchema(() => z.int('a whole number').check(z.gte(0, 'a number from 0')));
const path = lateSchema(() =>
  z.array(sha256Digits()).check(z.maxLength(ENTRY_LIMITS.hashes, 'at most 64 hashes')),
);
const note = lateSchema(() =>
  z.string().check(z.maxLength(ENTRY_LIMITS.checkpoint, 'a note of at most 16,384 characters')),
);
const signature = lateSchema(() =>
  z.string().check(z.maxLength(ENTRY_LIMITS.signature, 'at most 4,096 characters')),
);

const logEntrySchema = lateSchema(() =>
  z.object({
    body: z.string(),
    integratedTime: count(),
    logID: sha256Digits(),
    logIndex: count(),
    verification: z.object({
      inclusionProof: z.object({
        checkpoint: note(),
        hashes: path(),
        logIndex: count(),
        rootHash: sha256Digits(),
        treeSize: count(),
      }),
      signedEntryTimestamp: signature(),
    }),
  }),
);

const treeSchema = lateSchema(() => ({
  treeID: z.string().check(z.regex(/^[1-9][0-9]{0,18}$/, 'a tree ID in decimal')),
  treeSize: count(),
  rootHash: sha256Digits(),
  signedTreeHead: note(),
}));
const treeInfoSchema = lateSchema(() => z.object(treeSchema()));
// No log has been rotated so often.
const shards = lateSchema(() => z.array(treeInfoSchema()).check(z.maxLength(100, 'at most 100 trees')));
const logInfoSchema = lateSchema(() =>
  z.object({
    ...treeSchema(),
    inactiveShards: z.optional(z.nullable(shards())),
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
export function parseLogEntry(json: unknown): LoggedEntry {
  const members = Object.entries(checkShape(anyObject(), json));
  const [member] = members;
  if (member === undefined || members.length > 1)
    throw new MalformedError(`expected an object with one entry, found ${members.length}`);
  const id = parseEntryId(member[0]);
  const entry = checkShape(logEntrySchema(), member[1]);
  const { inclusionProof, signedEntryTimestamp } = entry.verification;
  const { checkpoint, hashes, logIndex: index, rootHash, treeSize: size } = inclusionProof;
  return {
    id,
    body: decodeBase64(entry.body),
    logId: entry.logID,
    proof: { index, size, rootHash: decodeHex(rootHash), hashes: hashes.map(decodeHex), checkpoint },
    time: {
      integratedTime: entry.integratedTime,
      logIndex: entry.logIndex,
      signature: decodeBase64(signedEntryTimestamp),
    },
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
export function parseConsistencyProof(json: unknown): ProofAnswer {
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
