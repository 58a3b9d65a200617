import { LogError } from '../errors.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { GatheredEntry } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { conflictIn, type Conflict, type Past } from '../verification/consistency.ts';
import type { EntryPast } from '../verification/entry-checks.ts';
import { signedCheckpointOf, type SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import { checkpointsOfOthers, provesGrowth } from './compare.ts';
import { Comparisons, nameOf, type Compared } from './comparisons.ts';
import type { KeptConflict } from './conflict-files.ts';
import { HistoryStore, type HistoryOptions } from './history-store.ts';
import { TreeLister, type ListedTrees, type TrustedView } from './listed-trees.ts';
import { conflictingPast } from './present-log.ts';
import { isSameCheckpoint, type SeenTree } from './seen-tree.ts';
import { NOT_SHOWN, shownAt, type Shown } from './sighted-at.ts';
import { sightingsOf } from './sightings.ts';

/**
 * What this user has seen of a log. A log that shows different trees to different people, or takes an entry back, can
 * be found out only by somebody who remembers what it showed before.
 *
 * On disk there is one file for each tree under each key of the log (`seen-tree-files.ts`): the largest checkpoint that
 * was seen, with the log's signature, which alone makes it count; the servers that showed it; and sightings.
 *
 * A new checkpoint is linked to those last seen by the log's own consistency proofs (`compare.ts`), in whichever
 * direction: a replica may lag behind. A tree that was never seen comes with such proofs for the older trees of its log.
 * Two checkpoints that cannot both be true are a conflict: the judge rejects, both are kept as evidence
 * (`conflict-files.ts`), and what was seen before stays as it is. What holds is remembered at the end (`remember`).
 *
 * A sighting is a moment when the tree had so many leaves: an entry beyond them that claims to be older is a lie. That
 * holds for the trees after it as well: what the log listed first says which those are (`listings.ts`).
 */
export class LogHistory {
  readonly #options: HistoryOptions;
  readonly #store: HistoryStore;
  readonly #comparisons: Comparisons;
  readonly #lister: TreeLister;
  #present: Promise<Past | undefined> | undefined;
  readonly #conflicts: KeptConflict[] = [];
  /** The checkpoints that `remember` has not looked at yet, each once. */
  readonly #toRemember = new Map<string, ToRemember>();

  /** The history of the log, as it was before this run asks it anything. */
  static async open(log: TrustedLog | undefined, options: HistoryOptions): Promise<LogHistory> {
    const history = new LogHistory(options);
    if (log !== undefined) await history.#store.load(log.keys);
    return history;
  }

  private constructor(options: HistoryOptions) {
    this.#options = options;
    this.#store = new HistoryStore(options);
    this.#lister = new TreeLister((listed, url) => this.#store.recordListing(listed, url));
    this.#comparisons = new Comparisons(
      () => this.#store.seen,
      (from) => this.#lister.listIfAsked(from),
    );
  }

  /** What was seen of the trees under the trusted keys. */
  get trees(): readonly SeenTree[] {
    return this.#store.seen.trees;
  }

  /** What was reported in this run. */
  get conflicts(): readonly KeptConflict[] {
    return this.#conflicts;
  }

  /**
   * What is known of the past of the tree that an entry is in, for the judge.
   * @throws LogError when the log does not answer for it, or its answer makes no sense
   */
  async pastOf(gathered: GatheredEntry, from: TrustedView): Promise<EntryPast> {
    const checkpoint = await signedCheckpointOf(gathered, from.log);
    // That a log was empty once, as a file may say, contradicts nothing that it shows now.
    const isEmpty = gathered.source === 'kept' && checkpoint?.size === 0;
    // Where there is no signed checkpoint, nothing is compared.
    if (checkpoint === undefined || isEmpty) return { tree: { kind: 'first' }, sightings: [] };
    // A key may have been refreshed into the trusted ones since.
    await this.#store.load(from.log.keys);
    const { answeredAt, source, entry } = gathered;
    // What comes from a file, no server showed.
    const shown = { at: answeredAt, by: source === 'kept' ? undefined : from.log.url };
    const tree = await this.pastOfCheckpoint(checkpoint, shown, from);
    const known = {
      ...(await this.#store.knownLog(from.log.url)),
      list: () => this.#lister.listIfAsked(from),
      provesGrowth: (to: Omit<TreeHead, 'origin'>) => provesGrowth(from.view, checkpoint, to),
    };
    return { tree, sightings: await sightingsOf(checkpoint, tree, entry.time, known) };
  }

  /** The same for a checkpoint alone. @param shown when, and by which server */
  async pastOfCheckpoint(checkpoint: SignedCheckpoint, shown: Shown, from: TrustedView): Promise<Past> {
    const compared = await this.#comparisons.of(checkpoint, shown.by, from);
    // A checkpoint that a server showed counts as shown, also where a file has it as well.
    const known = this.#toRemember.get(nameOf(checkpoint));
    const remembered = shown.by === undefined && known !== undefined ? known.shown : shown;
    const server = from.log.url;
    this.#toRemember.set(nameOf(checkpoint), { checkpoint, shown: remembered, ...compared, server });
    return compared.past;
  }

  /** The trees that the log lists, asked for once a run. @throws LogError */
  async list(from: TrustedView): Promise<ListedTrees> {
    const listed = await this.#lister.listIfAsked(from);
    if ('why' in listed) throw new LogError('LOG_UNREACHABLE', listed.why);
    return listed;
  }

  /**
   * Compares what the log lists now with what was seen of it, once a run, before it is said that it has no entry: the
   * past that holds a conflict, if there is one. Nothing is asked of a log that was never seen.
   * @throws LogError when the log does not answer, its answer makes no sense, or it is older than what was seen
   */
  async conflictNow(from: TrustedView): Promise<Past | undefined> {
    this.#present ??= this.#compareNow(from);
    try {
      return await this.#present;
    } catch (error) {
      this.#present = undefined;
      throw error;
    }
  }

  async #compareNow(from: TrustedView): Promise<Past | undefined> {
    await this.#store.load(from.log.keys);
    const { trees } = this;
    if (trees.length === 0 && this.#comparisons.isEmpty) return undefined;
    const { url: server } = from.log;
    const listed = await this.list(from);
    const compare = (checkpoint: SignedCheckpoint) =>
      this.pastOfCheckpoint(checkpoint, { at: listed.answeredAt, by: server }, from);
    const past = await conflictingPast(listed, trees, server, compare);
    if (past !== undefined) this.#keepLater('the log as it is now', past, server);
    return past;
  }

  /** The trees that this server showed before and does not list any more, and what their past is by now. */
  missingFrom(
    { trees: listed }: ListedTrees,
    server: string,
  ): { readonly tree: SeenTree; readonly past: Past }[] {
    const now = listed.find(({ isActive }) => isActive)?.checkpoint;
    if (now === undefined) return [];
    const missing = this.trees.filter(
      ({ treeId, servers }) => servers.includes(server) && !listed.some((tree) => tree.treeId === treeId),
    );
    return missing.map((tree) => {
      const displaced = [{ before: tree.lastSeen[0], how: 'not-listed' as const }];
      const past: Past = { kind: 'rotated', now, links: [], displaced };
      this.#keepLater(`${tree.logId},${tree.treeId}`, past, server);
      return { tree, past };
    });
  }

  /** Has `remember` keep the conflict in a past. */
  #keepLater(name: string, past: Past, server: string): void {
    if (!('now' in past)) return;
    this.#toRemember.set(name, { checkpoint: past.now, shown: NOT_SHOWN, past, linkedTo: [], server });
  }

  /**
   * Remembers what the log showed since the last call and the past does not contradict; what it does contradict is
   * kept as evidence, and reported.
   */
  async remember(): Promise<void> {
    const all = [...this.#toRemember.values()];
    this.#toRemember.clear();
    for (const { checkpoint, shown, past, linkedTo, server } of all) {
      const conflict = conflictIn(past);
      if (conflict !== undefined) {
        await this.#accuse(conflict, server);
        continue;
      }
      const seen = shownAt(shown, this.#options.now());
      await this.#store.record({ checkpoint, linkedTo, server: shown.by, seen });
      for (const other of checkpointsOfOthers(past))
        await this.#store.record({ checkpoint: other, linkedTo, server, seen: undefined });
    }
  }

  async #accuse(conflict: Conflict, server: string): Promise<void> {
    const isKnown = this.#conflicts.some(
      ({ before, now }) => isSameCheckpoint(before, conflict.before) && isSameCheckpoint(now, conflict.now),
    );
    if (isKnown) return;
    const kept = await this.#store.keep(conflict, server);
    this.#conflicts.push(kept);
    this.#options.report(kept);
  }
}

/** A checkpoint that was compared, and the log that the run is about. */
interface ToRemember extends Compared {
  readonly checkpoint: SignedCheckpoint;
  readonly shown: Shown;
  readonly server: string;
}
