import * as z from '../zod.ts';
import { decodeBase64, encodeHex, excerpt, parseDecimal } from '../encoding.ts';
import { MalformedError, UsageError } from '../errors.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { formatEntryId, treeIdOfOrigin } from '../rekor/entry-id.ts';
import { parseStrictJson } from '../strict-json.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { ENTRY_LIMITS, type EntryId, type LoggedEntry } from '../tlog/logged-entry.ts';
import { HASH_BYTES, leafHash } from '../tlog/merkle.ts';
import {
  ENTRY_KIND,
  EVIDENCE_LIMIT,
  MAX_ADDRESS,
  MAX_ENTRIES,
  MEDIA_TYPE,
  type Evidence,
} from './evidence.ts';

/**
 * The evidence that the bytes of a file spell. Its entries are `TransparencyLogEntry` objects in the JSON form of
 * Sigstore's protobuf-specs, each with all its members: a number is a string of decimal digits, bytes are canonical
 * base64. Nothing of it is judged.
 * @throws MalformedError on anything else, and on more than `EVIDENCE_LIMIT` bytes
 */
export function parseEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > EVIDENCE_LIMIT)
    throw new MalformedError(`expected at most ${EVIDENCE_LIMIT} bytes, found ${bytes.length}`);
  const json = parseStrictJson(bytes);
  requireMediaType(checkShape(anyObject(), json)['mediaType']);
  const { log, entries } = checkShape(evidenceSchema(), json);
  requireAddress(log);
  return { log, entries: entries.map(loggedEntry) };
}

/** A number as protobuf writes one of 64 bits. */
const count = lateSchema(() =>
  z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,15})$/, 'a string of decimal digits')),
);
const text = (limit: number) => z.string().check(z.maxLength(limit, `at most ${limit} characters`));
const hash = lateSchema(() =>
  z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/, `base64 of ${HASH_BYTES} bytes`)),
);

const entrySchema = lateSchema(() =>
  z.strictObject({
    logIndex: count(),
    logId: z.strictObject({ keyId: hash() }),
    kindVersion: z.strictObject({ kind: z.literal(ENTRY_KIND.kind), version: z.literal(ENTRY_KIND.version) }),
    integratedTime: count(),
    inclusionPromise: z.strictObject({ signedEntryTimestamp: text(ENTRY_LIMITS.signature) }),
    inclusionProof: z.strictObject({
      logIndex: count(),
      rootHash: hash(),
      treeSize: count(),
      hashes: z
        .array(hash())
        .check(z.maxLength(ENTRY_LIMITS.hashes, `at most ${ENTRY_LIMITS.hashes} hashes`)),
      checkpoint: z.strictObject({ envelope: text(ENTRY_LIMITS.checkpoint) }),
    }),
    canonicalizedBody: z.string(),
  }),
);

const evidenceSchema = lateSchema(() =>
  z.strictObject({
    mediaType: z.literal(MEDIA_TYPE),
    log: text(MAX_ADDRESS),
    entries: z
      .array(entrySchema())
      .check(z.minLength(1, 'one entry or more'), z.maxLength(MAX_ENTRIES, `at most ${MAX_ENTRIES} entries`)),
  }),
);
const anyObject = lateSchema(() => z.looseObject({}));

/** Comes before all other checks, as the members of other versions are not known. */
function requireMediaType(mediaType: unknown): void {
  if (mediaType === MEDIA_TYPE) return;
  const version = typeof mediaType === 'string' ? ANY_VERSION.exec(mediaType)?.[1] : undefined;
  if (version !== undefined)
    throw new MalformedError(
      `it is evidence of version ${version}, and this release of helm sigstore reads version 1: another release made it`,
    );
  throw new MalformedError(
    `mediaType: expected ${excerpt(MEDIA_TYPE)}, found ${typeof mediaType === 'string' ? excerpt(mediaType) : 'no string'}`,
  );
}

const ANY_VERSION = /^application\/vnd\.helm-sigstore\.evidence\.v([1-9][0-9]{0,5})\+json$/;

/** The address is a hint only; but this program writes none that is malformed or holds a password. */
function requireAddress(log: string): void {
  try {
    if (parseBaseUrl(log, 'log').href === log) return;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new MalformedError(error.message);
  }
  throw new MalformedError(
    `log: expected the address of a server in its usual spelling, found ${excerpt(log)}`,
  );
}

function loggedEntry(entry: z.output<ReturnType<typeof entrySchema>>): LoggedEntry {
  const { inclusionProof, inclusionPromise } = entry;
  const body = decodeBase64(entry.canonicalizedBody);
  const checkpoint = inclusionProof.checkpoint.envelope;
  return {
    id: idOf(body, checkpoint),
    body,
    logId: encodeHex(decodeBase64(entry.logId.keyId)),
    proof: {
      index: parseDecimal(inclusionProof.logIndex),
      size: parseDecimal(inclusionProof.treeSize),
      rootHash: decodeBase64(inclusionProof.rootHash),
      hashes: inclusionProof.hashes.map(decodeBase64),
      checkpoint,
    },
    time: {
      integratedTime: parseDecimal(entry.integratedTime),
      logIndex: parseDecimal(entry.logIndex),
      signature: decodeBase64(inclusionPromise.signedEntryTimestamp),
    },
  };
}

/** The name that a log gives the entry; without the tree where the checkpoint names none, which a check finds. */
function idOf(body: Uint8Array, checkpoint: string): EntryId {
  const leaf = encodeHex(leafHash(body));
  try {
    return formatEntryId(leaf, treeIdOfOrigin(parseCheckpoint(checkpoint).origin));
  } catch (error) {
    if (error instanceof MalformedError) return formatEntryId(leaf);
    throw error;
  }
}
