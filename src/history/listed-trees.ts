import { MalformedError } from '../errors.ts';
import type { RekorClient } from '../rekor/client.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { ListedTree } from '../verification/listed-tree.ts';
import { readSignedHead, type SignedHead } from '../verification/signed-head.ts';

/** The trees of a log, the active one first, and when it listed them (seconds since 1970, by its clock). */
export interface Listing {
  readonly trees: readonly ListedTree[];
  readonly answeredAt: number | undefined;
}

/**
 * Asks a log for its trees.
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
