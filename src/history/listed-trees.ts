import { MalformedError } from '../errors.ts';
import type { RekorClient } from '../rekor/client.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { readSignedHead, type SignedHead } from '../verification/signed-head.ts';

/** A tree of a log, as the log itself lists it. */
export interface ListedTree {
  /** Decimal. */
  readonly treeId: string;
  /** Whether it is the one that grows. */
  readonly isActive: boolean;
  /** What the log says of it; signed is only the head. */
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** Its head, if one of the trusted keys signed it. */
  readonly head: SignedHead | undefined;
}

/** The trees of a log, and when it listed them (seconds since 1970, by its clock). */
export interface Listing {
  readonly trees: readonly ListedTree[];
  readonly answeredAt: number | undefined;
}

/**
 * The trees of a log, the active one first.
 * @param keys whose signatures count
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function listTrees(client: RekorClient, keys: readonly LogKey[]): Promise<Listing> {
  const { inactiveShards, answeredAt, ...active } = await client.logInfo();
  const trees = [active, ...inactiveShards].map(
    ({ treeId, treeSize, rootHash, signedTreeHead }, index): ListedTree => ({
      treeId,
      isActive: index === 0,
      size: treeSize,
      rootHash,
      head: headOf(treeId, signedTreeHead, keys),
    }),
  );
  return { trees, answeredAt };
}

function headOf(treeId: string, checkpoint: string, keys: readonly LogKey[]): SignedHead | undefined {
  try {
    const head = readSignedHead(checkpoint, keys);
    return head?.treeId === treeId ? head : undefined;
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
