import { setTimeout } from 'node:timers/promises';
import { backoff, MAX_TRIES } from '../http/retry.ts';
import type { RekorClient } from '../rekor/client.ts';
import { needsProof, provesExtension, type Link } from '../verification/consistency.ts';
import type { SignedHead } from '../verification/signed-head.ts';

/** What is asked of a log, and how. */
export interface Asking {
  readonly client: RekorClient;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
}

/**
 * Two heads of a tree with the log's proof that one extends the other, if it takes one. A refused or a wrong proof is
 * asked for again before it is believed: a replica that lags knows only the smaller tree.
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function linkHeads(
  before: SignedHead,
  now: SignedHead,
  { client, random }: Asking,
): Promise<Link> {
  if (!needsProof(before, now)) return { before, now, proof: undefined };
  const [first, last] = [Math.min(before.size, now.size), Math.max(before.size, now.size)];
  for (let tries = 1; ; tries++) {
    const answer = await client.consistencyProof(now.treeId, first, last);
    const proof = 'refused' in answer ? answer : answer.hashes;
    const holds = !('refused' in proof) && provesExtension(before, now, proof);
    if (holds || tries === MAX_TRIES) return { before, now, proof };
    await setTimeout(backoff(tries, random));
  }
}
