import type { ConsistencyProof } from '../tlog/consistency-proof.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import { conflictIn, type Conflict, type Link, type Past } from '../verification/consistency.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import { nameOf } from './comparisons.ts';
import { HistoryStore, type HistoryOptions } from './history-store.ts';
import { addCheckpoint, isOfTree, isSameCheckpoint, type NewCheckpoint, type SeenTree } from './seen-tree.ts';

/** Has a log prove that one of two heads of its tree extends the other; or says why it is not asked. Throws nothing. */
export type ProveExtension = (
  key: TrustedLogKey,
  before: SignedCheckpoint,
  now: SignedCheckpoint,
) => Promise<ConsistencyProof>;

/**
 * What this user has seen of the logs whose checkpoints come in Sigstore bundles: it is kept where that of other logs is, and
 * counts for both. No server showed these checkpoints, so none is a sighting, and a tree that is new displaces none.
 */
export class BundleHistory {
  readonly #options: HistoryOptions;
  readonly #store: HistoryStore;
  /** The trees as they were and with what this run adds, by the key and the tree. */
  readonly #trees = new Map<string, SeenTree>();
  /** What this run adds, by the checkpoint. */
  readonly #added = new Map<string, NewCheckpoint>();
  readonly #accused: Conflict[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#store = new HistoryStore(options);
  }

  /** What is known of the past of the tree that a checkpoint is of. One is compared after the other. */
  async pastOf(checkpoint: SignedCheckpoint, key: TrustedLogKey, prove: ProveExtension): Promise<Past> {
    const turn = this.#last.then(() => this.#compare(checkpoint, key, prove));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  async #compare(now: SignedCheckpoint, key: TrustedLogKey, prove: ProveExtension): Promise<Past> {
    await this.#store.load([key]);
    const tree = `${now.logId},${now.treeId}`;
    const { seen } = this.#store;
    const own = this.#trees.get(tree) ?? seen.trees.find((each) => isOfTree(each, now));
    const links: Link[] = [];
    for (const before of own?.lastSeen ?? [])
      links.push({ before, now, proof: await prove(key, before, now) });
    const past: Past =
      own === undefined ? this.#pastOfNew(now) : { kind: 'known', now, links, displaced: [] };
    const conflict = conflictIn(past);
    if (conflict !== undefined) await this.#accuse(conflict, key.url);
    else this.#add(tree, own, now, links);
    return past;
  }

  #pastOfNew({ logId, treeId }: SignedCheckpoint): Past {
    const lost = this.#store.seen.lost.find(
      (each) => each.logId === logId && (each.treeId === undefined || each.treeId === treeId),
    );
    return lost === undefined ? { kind: 'first' } : { kind: 'lost', reason: lost.reason };
  }

  #add(tree: string, own: SeenTree | undefined, checkpoint: SignedCheckpoint, links: readonly Link[]): void {
    const linked = links.filter(({ proof }) => proof.kind !== 'not-asked').map(({ before }) => before);
    // What is linked to one that this run added is linked to all that this one is linked to.
    const linkedTo = linked.flatMap((each) => [each, ...(this.#added.get(nameOf(each))?.linkedTo ?? [])]);
    const added = { checkpoint, linkedTo, server: undefined, seen: undefined };
    this.#added.set(nameOf(checkpoint), added);
    this.#trees.set(tree, addCheckpoint(own, added));
  }

  async #accuse(conflict: Conflict, server: string): Promise<void> {
    const isKnown = this.#accused.some(
      ({ before, now }) => isSameCheckpoint(before, conflict.before) && isSameCheckpoint(now, conflict.now),
    );
    if (isKnown) return;
    this.#accused.push(conflict);
    this.#options.report(await this.#store.keep(conflict, server));
  }

  /** Writes what this run adds, as far as it is still the last of its tree. */
  async remember(): Promise<void> {
    for (const { lastSeen } of this.#trees.values())
      for (const each of lastSeen) {
        const added = this.#added.get(nameOf(each));
        if (added !== undefined) await this.#store.record(added);
      }
  }
}
