import { excerpt } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import type { LogView } from '../log-view/log-view.ts';
import type { OpenedLog } from '../run/log.ts';
import { findCheckpoint, NoTileError, readTile, type ShownCheckpoint } from '../services/tile-files.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { judgeFound } from '../verification/found-entry.ts';
import { compareHead, signedHeadOf, type Prove, type SignedHead, type TrustedKeys } from './compare-head.ts';
import { agreedHead, agreedTrees, tellMissing, treesOf, type AgreedHead } from './compare-trees.ts';
import { followFrozen } from './follow-frozen.ts';
import { followTiles } from './follow-tiles.ts';
import { startOf, type SeenOfTree, type TilePass } from './tile-pass.ts';
import { TileTree } from './tile-tree.ts';

/** How often the checkpoint is asked for: the tiles of an old one may be replaced by those of a larger tree. */
const TRIES = 4;
/** Milliseconds before it is asked for again, and as much more each time. */
const PAUSE = 500;

/**
 * Goes through a log that shows its entries as tiles: all of them. Trees that its API lists beside are compared with what was
 * seen before; their entries are looked at where it shows tiles of them.
 * @param shown its checkpoint
 * @throws LogError when it does not answer, or no trusted key signed its checkpoint
 */
export async function passByTiles(shown: ShownCheckpoint, tiles: TilePass): Promise<readonly SeenOfTree[]> {
  const { pass, log, keys, asking } = tiles;
  const trusted = log.trusted;
  const { agreed: frozen, listed } = await compareOthers(signedHead(shown, keys), log.connect(), tiles);
  if (pass.isDisturbed) return frozen.map(seenOf);
  const timeInTree = (head: SignedHead) => (leafHash: string) =>
    timeIn(leafHash, head, log.connect(), log, trusted);
  const { seen: others, left: most, isWhole } = await followFrozen(frozen, tiles, timeInTree);
  if (!isWhole) return others;
  let present = shown;
  for (let tries = 1; ; tries++) {
    const head = signedHead(present, keys);
    const tree = new TileTree((tile) => readTile(present.prefix, tile, asking()));
    const agreed = await agreedHead(pass, head, keys, (a, b) => tree.consistency(a, b));
    if (agreed === undefined) return others;
    try {
      const timeOf = timeInTree(head);
      const followed = { tree, head, past: agreed.past, timeOf, onProgress: tiles.onProgress };
      const { name, examined, from } = await followTiles(pass, startOf(agreed, pass), followed, most);
      if (examined < head.size)
        await pass.tellBehind(
          `${examined} of ${head.size} entries were looked at so far: one pass looks at ${tiles.most} (--max-entries)`,
        );
      // What the tiles keep back is no less there.
      const isOld = head.size < listed && examined === head.size;
      if (isOld && tries === TRIES)
        await pass.tellBehind(
          `its checkpoint shows a tree of ${head.size} entries, and its API one of ${listed}`,
        );
      if (!isOld || tries === TRIES)
        return [{ name, size: head.size, examined, ...(from && { from }) }, ...others];
    } catch (error) {
      const problem = problemOf(error, tries === TRIES, present.prefix, head);
      if (problem !== undefined) {
        await pass.tellBehind(problem);
        const examined = pass.trees.find(({ name }) => name === head.treeId)?.examined ?? 0;
        return [{ name: head.treeId, size: head.size, examined }, ...others];
      }
    }
    const { http, deadline } = asking();
    await http.pause(PAUSE * tries, new URL(present.prefix), deadline);
    present = (await findCheckpoint(log.server.href, asking())) ?? present;
  }
}

/** What is wrong with the tiles of a log; undefined: they may be there a moment later. @throws the error, if it is not about them */
function problemOf(
  error: unknown,
  isLastTry: boolean,
  prefix: string,
  { size }: SignedHead,
): string | undefined {
  if (error instanceof MalformedError)
    return `${prefix} shows other tiles than those that it signed: ${error.message}`;
  if (!(error instanceof NoTileError)) throw error;
  return isLastTry
    ? `${prefix} lacks tiles of the tree of ${size} entries that its checkpoint is about`
    : undefined;
}

/** The head that a trusted key signed. */
function signedHead({ text, checkpoint, prefix }: ShownCheckpoint, keys: TrustedKeys): SignedHead {
  const head = signedHeadOf(text, keys);
  if (head !== undefined) return head;
  throw new LogError(
    'LOG_UNTRUSTED',
    `no trusted key signed the checkpoint of ${excerpt(checkpoint.origin)} at ${prefix}`,
    'name the keys of this log with --rekor-public-key, or its trusted root with --trusted-root',
  );
}

/** What the API of a log lists. */
interface Listed {
  /** The size of the tree that has tiles; 0: it lists none. */
  readonly listed: number;
  /** The other trees, as far as they agree with what was seen before. */
  readonly agreed: readonly AgreedHead[];
}

function seenOf({ head: { size }, tree: { name, examined } }: AgreedHead): SeenOfTree {
  return { name, size, examined };
}

/** Compares what the API of the log lists, if it has one, with its tiles, and other trees with what was seen of them. */
async function compareOthers(
  head: SignedHead,
  view: LogView,
  { pass, log, keys }: TilePass,
): Promise<Listed> {
  const listing = log.trusted && (await treesOf(view));
  if (listing === undefined) {
    await tellMissing(pass, [head.treeId], head, keys);
    return { listed: 0, agreed: [] };
  }
  const isOwn = ({ treeId }: { readonly treeId: string }) => treeId === head.treeId;
  const own = listing.trees.find(isOwn);
  const listed = own && signedHeadOf(own.checkpoint, keys);
  if (listed !== undefined) {
    const prove: Prove = async (a, b) => await view.consistency(head.treeId, a, b);
    const verdict = await compareHead(listed, [head], prove, { time: pass.now });
    if (verdict.kind === 'conflict') await pass.tellConflict(verdict);
  }
  const others = listing.trees.filter((tree) => !isOwn(tree));
  const agreed = await agreedTrees(pass, { ...listing, trees: others }, view, keys, head);
  return { listed: listed?.size ?? 0, agreed };
}

/** When a log took an entry that is proven to be in this tree, if its API says and promises that. */
async function timeIn(
  leafHash: string,
  { treeId }: SignedHead,
  view: LogView,
  log: OpenedLog,
  trusted: TrustedLog | undefined,
): Promise<number | undefined> {
  if (trusted === undefined) return undefined;
  try {
    const { entries } = await view.entries([leafHash]);
    const returned = entries.find(({ entry }) => entry.id.treeId === treeId);
    if (returned === undefined) return undefined;
    const past = await log.history.pastOf(returned, { log: trusted, view });
    const { report } = await judgeFound(returned, { log: trusted, past });
    return report.kind === 'proven' ? returned.entry.time.integratedTime : undefined;
  } catch (error) {
    // A log of which only tiles are public has no API.
    if (error instanceof LogError) return undefined;
    throw error;
  }
}
