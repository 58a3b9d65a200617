import { InputError, LogError } from '../errors.ts';
import type { LogView, TreeListing } from '../log-view/log-view.ts';
import { compareHead, signedHeadOf, type Prove, type SignedHead, type TrustedKeys } from './compare-head.ts';
import type { Past } from '../verification/consistency.ts';
import type { Pass } from './pass.ts';
import { withCheckpoint, type WatchedTree } from './state.ts';

/** A head that agrees with what was seen before, and its tree as it is remembered now. */
export interface AgreedHead {
  readonly head: SignedHead;
  readonly past: Past;
  readonly tree: WatchedTree;
}

/**
 * Compares a head with what was seen of its tree, and remembers it if it agrees; else tells what is wrong with it.
 * @returns undefined if it does not agree
 * @throws LogError when the log does not answer
 * @throws InputError if a checkpoint that is remembered was not signed by a trusted key
 */
export async function agreedHead(
  pass: Pass,
  head: SignedHead,
  keys: TrustedKeys,
  prove: Prove,
): Promise<AgreedHead | undefined> {
  const known = pass.trees.find(({ name }) => name === head.treeId);
  const seen = (known?.checkpoints ?? []).map((note) => rememberedHead(note, head.treeId, keys));
  const largest = seen.at(-1)?.size ?? 0;
  if (known !== undefined && known.examined > largest)
    throw new InputError(
      `the state says that ${known.examined} entries of tree ${head.treeId} were looked at, which had ${largest}`,
      'the state was changed: restore it, or remove it',
    );
  const times = { time: pass.now, smallerSince: known?.smallerSince };
  const verdict = await compareHead(head, seen, prove, times);
  if (verdict.kind === 'conflict') await pass.tellConflict(verdict);
  if (verdict.kind === 'behind') {
    if (known !== undefined && verdict.isSmaller)
      pass.setTree({ ...known, smallerSince: known.smallerSince ?? pass.now });
    await pass.tellBehind(verdict.reason);
  }
  if (verdict.kind !== 'good') return undefined;
  const isLarger = head.size > (seen.at(-1)?.size ?? -1);
  const { name, checkpoints, examined, from } = known ?? { name: head.treeId, checkpoints: [], examined: 0 };
  const before = { name, checkpoints, examined, ...(from !== undefined && { from }) };
  const tree = isLarger ? withCheckpoint(before, head.note) : before;
  pass.setTree(tree);
  return { head, past: verdict.past, tree };
}

/** What was changed on disk must neither accuse a log nor hide what it did. */
function rememberedHead(note: string, tree: string, keys: TrustedKeys): SignedHead {
  const head = signedHeadOf(note, keys);
  if (head?.treeId === tree) return head;
  throw new InputError(
    `the state has a checkpoint of tree ${tree} that no trusted key of the log signed`,
    'name all keys of the log, also those that it had before; if the state was changed, restore it',
  );
}

/**
 * Compares all trees that a log of Rekor v1 lists, and tells of those that it no longer lists.
 * @param beside another tree that it shows, which was compared before
 * @returns those that agree, the active one first
 * @throws LogError, InputError as {@link agreedHead}
 */
export async function agreedTrees(
  pass: Pass,
  { trees }: TreeListing,
  view: Pick<LogView, 'consistency'>,
  keys: TrustedKeys,
  beside?: SignedHead,
): Promise<readonly AgreedHead[]> {
  const agreed: AgreedHead[] = [];
  const heads = beside ? [beside] : [];
  for (const { treeId, checkpoint } of trees) {
    const head = signedHeadOf(checkpoint, keys);
    if (head?.treeId !== treeId) {
      await pass.tellBehind(`no trusted key signed the checkpoint of tree ${treeId}`);
      continue;
    }
    heads.push(head);
    const each = await agreedHead(pass, head, keys, (a, b) => view.consistency(treeId, a, b));
    if (each !== undefined) agreed.push(each);
  }
  const listed = [...trees.map(({ treeId }) => treeId), ...(beside ? [beside.treeId] : [])];
  await tellMissing(pass, listed, heads[0], keys);
  return agreed;
}

/** Tells of trees that were seen before, and that a log does not show any more. @param now what it shows in their place */
export async function tellMissing(
  pass: Pass,
  shown: readonly string[],
  now: SignedHead | undefined,
  keys: TrustedKeys,
): Promise<void> {
  for (const { name, checkpoints } of pass.trees) {
    if (shown.includes(name)) continue;
    const before = rememberedHead(checkpoints.at(-1) ?? '', name, keys);
    const reason = 'the log shows another tree, and no longer the one seen before';
    if (now === undefined) await pass.tellBehind(`the log no longer shows tree ${name}`);
    else await pass.tellConflict({ before, now, reason });
  }
}

/** The trees that a log lists; undefined: it is none of Rekor v1. @throws LogError when it does not answer */
export async function treesOf(view: LogView): Promise<TreeListing | undefined> {
  try {
    const listing = await view.trees();
    return 'trees' in listing ? listing : undefined;
  } catch (error) {
    if (error instanceof LogError && error.code === 'LOG_REFUSED') return undefined;
    throw error;
  }
}
