import { startProgress } from '../cli/progress.ts';
import { LogError } from '../errors.ts';
import type { Context } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import { requireTrusted } from '../run/trusted-keys.ts';
import type { Asking } from '../services/service-request.ts';
import { findCheckpoint } from '../services/tile-files.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { TrustedKeys } from './compare-head.ts';
import { agreedTrees } from './compare-trees.ts';
import { followIndex } from './follow-index.ts';
import { indexQueries } from './index-queries.ts';
import { NoRoomError, NotTakenError, type Pass } from './pass.ts';
import { passByTiles } from './pass-by-tiles.ts';
import type { SeenOfTree } from './tile-pass.ts';
import { MOST_TOLD } from './state-format.ts';
import type { Way } from './state.ts';

/** What a log is gone through with. */
export interface GoingThrough {
  readonly pass: Pass;
  readonly log: OpenedLog;
  /** For one request and its repetitions. */
  readonly asking: () => Asking;
  /** Keys of logs by a trusted root, beside those that are trusted for this very log. */
  readonly roots: readonly TrustedLogKey[];
  /** How many entries are looked at. */
  readonly most: number;
  readonly context: Pick<Context, 'stderr' | 'now'>;
  /** How entries were found by the last pass; undefined: there was none. */
  readonly lastWay: Way | undefined;
}

/** What was found of a log. */
export interface WentThrough {
  readonly way: Way;
  /** Empty: it could not be looked at, or contradicts what was seen. */
  readonly trees: readonly SeenOfTree[];
  /** For what an index could not be asked. */
  readonly notAsked: readonly string[];
}

/**
 * Goes through what is new in a log, tells of it, and remembers that, also if it cannot go on. A log that shows its entries as
 * tiles is read so; of others the index is asked.
 * @throws LogError `LOG_UNTRUSTED` without a trusted key of the log, at the first pass
 * @throws InputError if the state cannot be written
 */
export async function goThrough(going: GoingThrough): Promise<WentThrough> {
  const { pass } = going;
  let found: WentThrough = { way: going.lastWay ?? 'index', trees: [], notAsked: [] };
  try {
    try {
      await pass.settleUnknown();
      found = await lookThrough(going);
      // What could not be asked for, or was not looked at, may be there.
      if (!pass.isDisturbed && found.notAsked.length === 0 && !pass.isPartial) await tellUnlogged(going);
      if (!pass.isDisturbed) pass.isUpToDate();
    } catch (error) {
      if (error instanceof NoRoomError)
        await pass.tellBehind(
          `more than ${MOST_TOLD} entries were told: begin another state, and watch for fewer`,
        );
      else if (error instanceof LogError && isNews(error, going)) await pass.tellBehind(error.message);
      else throw error;
    }
  } catch (error) {
    if (!(error instanceof NotTakenError)) throw error;
  } finally {
    await pass.save();
  }
  return found;
}

/** Whether an error is about the log, and not about a command line that never worked. */
function isNews({ code }: LogError, { lastWay }: GoingThrough): boolean {
  return code !== 'LOG_UNTRUSTED' || lastWay !== undefined;
}

async function lookThrough({
  pass,
  log,
  asking,
  roots,
  most,
  context,
  lastWay,
}: GoingThrough): Promise<WentThrough> {
  const shown = await findCheckpoint(log.server.href, asking());
  const way = shown === undefined ? 'index' : 'tiles';
  const progress = startProgress(context);
  const onProgress = (looked: number, of: number) => {
    progress.show(`looked at ${looked} of ${of} entries`);
  };
  try {
    if (shown === undefined) {
      // Whoever wants to hide an entry could leave out the tiles.
      if (lastWay === 'tiles')
        await pass.tellBehind('it showed its entries as tiles before, and shows none now');
      return lastWay === 'tiles'
        ? { way: 'tiles', trees: [], notAsked: [] }
        : await passByIndex(pass, log, onProgress);
    }
    pass.goes(way);
    const keys: TrustedKeys = [...(log.trusted?.keys ?? []), ...roots];
    const trees = await passByTiles(shown, { pass, log, keys, asking, most, onProgress });
    const [, ...others] = trees;
    const isMore = !pass.isDisturbed && others.some(({ size, examined }) => size > examined);
    const notAsked = isMore ? await followByIndex(pass, log, onProgress) : [];
    return { way, trees, notAsked };
  } finally {
    progress.clear();
  }
}

/** Goes through a log by its index. */
async function passByIndex(
  pass: Pass,
  log: OpenedLog,
  onProgress: (looked: number, of: number) => void,
): Promise<WentThrough> {
  const { keys } = requireTrusted(log);
  const view = log.connect();
  const agreed = await agreedTrees(pass, await view.trees(), view, keys);
  const trees = agreed.map(({ head: { size }, tree: { name, examined } }) => ({ name, size, examined }));
  const notAsked = pass.isDisturbed ? [] : await followByIndex(pass, log, onProgress);
  return { way: 'index', trees, notAsked };
}

async function followByIndex(
  pass: Pass,
  log: OpenedLog,
  onProgress: (looked: number, of: number) => void,
): Promise<readonly string[]> {
  const wanted = indexQueries(pass.watched, pass.now);
  if (wanted.queries.length === 0)
    await pass.tellBehind('an index cannot be asked for patterns of identities');
  return [...wanted.unasked, ...(await followIndex(pass, wanted, log, onProgress))];
}

async function tellUnlogged({ pass, context }: GoingThrough): Promise<void> {
  const more = await pass.tellUnlogged();
  if (more > 0)
    context.stderr.warn(`${more} more published archives are unlogged: the next passes tell of them`);
}
