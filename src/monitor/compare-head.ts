import { encodeHex, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { treeIdOfOrigin } from '../rekor/entry-id.ts';
import { parseCheckpoint, verifyCheckpointSignature, type TreeHead } from '../tlog/checkpoint.ts';
import type { ConsistencyProof } from '../tlog/consistency-proof.ts';
import { noteKeyDigest, type LogKey } from '../tlog/log-key.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import {
  checkConsistency,
  conflictIn,
  type Conflict,
  type Link,
  type Past,
} from '../verification/consistency.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';

/** A checkpoint that a trusted key signed. */
export interface SignedHead extends SignedCheckpoint {
  readonly key: LogKey;
}

/** Keys that are trusted to sign for a log; some of them for logs of one origin alone. */
export type TrustedKeys = readonly (LogKey & Pick<TrustedLogKey, 'origin'>)[];

/**
 * The checkpoint that a signed note spells, if a trusted key signed it; else undefined. Its tree is named by the tree ID in its
 * origin, or, of a log whose origins have none, by the origin.
 * @throws MalformedError if it is no checkpoint
 */
export function signedHeadOf(text: string, keys: TrustedKeys): SignedHead | undefined {
  const checkpoint = parseCheckpoint(text);
  const { origin, size, rootHash } = checkpoint;
  for (const each of keys) {
    if ((each.origin ?? origin) !== origin) continue;
    const key = [each, asInNotes(each, origin)].find(
      (named) => named && verifyCheckpointSignature(checkpoint, named),
    );
    if (key !== undefined)
      return { origin, size, rootHash, logId: key.logId, treeId: treeNameOf(origin), note: text, key };
  }
  return undefined;
}

/** The same key under the name that it has in notes of this origin (C2SP signed-note); undefined: it has none. */
function asInNotes(key: LogKey & Pick<TrustedLogKey, 'origin'>, origin: string): LogKey | undefined {
  const id = key.origin === undefined ? noteKeyDigest(origin, key.publicKey) : undefined;
  return id && { ...key, logId: encodeHex(id) };
}

/** The name of the tree of a checkpoint. */
function treeNameOf(origin: string): string {
  try {
    return treeIdOfOrigin(origin);
  } catch (error) {
    if (error instanceof MalformedError) return origin;
    throw error;
  }
}

/** What came of a comparison. */
export type HeadVerdict =
  /** It is that of the tree, as large as the last one or larger. */
  | { readonly kind: 'good'; readonly past: Past }
  /** It is proven to be an earlier one of the same tree, or may be. */
  | { readonly kind: 'behind'; readonly reason: string; readonly isSmaller: boolean }
  | ({ readonly kind: 'conflict' } & Conflict);

/** How a log proves that one of two heads of a tree extends the other. @throws LogError */
export type Prove = (a: TreeHead, b: TreeHead) => Promise<ConsistencyProof>;

/** How long a log may show less than it has shown: a replica may lag behind. In seconds. */
const PATIENCE = 24 * 60 * 60;

/**
 * Compares a head with those seen before, the largest last, each of which is proven to extend the one before. A smaller one than
 * the last is taken for that of a replica that lags, unless it contradicts them, or lasts for a day.
 * @param smallerSince since when the log shows less than it has shown, in seconds since 1970; undefined: it did not until now
 * @throws LogError when the log does not answer
 */
export async function compareHead(
  now: SignedHead,
  seen: readonly SignedHead[],
  prove: Prove,
  { time, smallerSince = time }: { readonly time: number; readonly smallerSince?: number | undefined },
): Promise<HeadVerdict> {
  const last = seen.at(-1);
  if (last === undefined) return { kind: 'good', past: { kind: 'first' } };
  const isSmaller = now.size < last.size;
  const below = seen.findLast(({ size }) => size > 0 && size <= now.size);
  const above = seen.find(({ size }) => size > now.size);
  const links: Link[] = [];
  for (const before of [below, above]) if (before) links.push(await linkOf(before, now, prove));
  const past: Past = { kind: 'known', now, links, displaced: [] };
  const conflict = conflictIn(past);
  if (conflict !== undefined) return { kind: 'conflict', ...conflict };
  if (isSmaller) return smaller(now, last, time, smallerSince);
  const { outcome, detail } = checkConsistency(past);
  return outcome === 'skipped' && links.length > 0
    ? { kind: 'behind', reason: detail, isSmaller }
    : { kind: 'good', past };
}

function smaller(now: SignedHead, last: SignedHead, time: number, since: number): HeadVerdict {
  const shown = `the log shows a tree of ${now.size} entries, and has shown one of ${last.size}`;
  if (time - since < PATIENCE)
    return { kind: 'behind', reason: `${shown}: a part of it may lag behind`, isSmaller: true };
  const reason = `${shown} before ${formatTime(since)}: it was rolled back, or something else answers in its place`;
  return { kind: 'conflict', before: last, now, reason };
}

/** A log that shows a smaller tree cannot prove that a larger one extends it: that it refuses accuses nobody. */
async function linkOf(before: SignedHead, now: SignedHead, prove: Prove): Promise<Link> {
  const proof = await prove(before, now);
  const isExcused = proof.kind === 'refused' && now.size < before.size;
  return { before, now, proof: isExcused ? { kind: 'not-asked', why: proof.why } : proof };
}
