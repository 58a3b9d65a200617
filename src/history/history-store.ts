import { join } from 'node:path';
import { formatTime } from '../encoding.ts';
import { messageOf } from '../errors.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { Conflict } from '../verification/consistency.ts';
import { CLOCK_TOLERANCE } from '../verification/log-time.ts';
import { readSignedCheckpoint } from '../verification/signed-checkpoint.ts';
import { keepConflict, type KeptConflict } from './conflict-files.ts';
import type { ListedTrees } from './listed-trees.ts';
import { readListings, updateListings } from './listings-file.ts';
import { addListing, type Listings } from './listings.ts';
import { formatSeenTree } from './seen-tree-format.ts';
import { readSeenTrees, updateSeenTree, type SeenTrees } from './seen-tree-files.ts';
import { addCheckpoint, isOfTree, upTo, type NewCheckpoint, type SeenTree } from './seen-tree.ts';
import { isAuthentic, sightedAt } from './sighted-at.ts';
import type { KnownLog } from './sightings.ts';

/** Where history is kept, and what it needs of its run. */
export interface HistoryOptions {
  /** Undefined: there is no home, and what this run sees is forgotten with it. */
  readonly directory: string | undefined;
  /** Texts of checkpoints that count as seen, with the signature of the log. */
  readonly checkpoints?: readonly string[];
  /** False: what is there is looked at, and left as it is. */
  readonly mayWrite: boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly warn: (warning: string) => void;
  /** Told of each conflict, once a run. */
  readonly report: (conflict: KeptConflict) => void;
}

/** That a server listed nothing yet. */
const NOTHING: Listings = [];

/**
 * What is remembered, in this run and on disk. Losing it costs history, never correctness: what cannot be read or
 * written is warned about, and the run goes on.
 */
export class HistoryStore {
  readonly #options: HistoryOptions;
  readonly #loaded = new Map<string, LogKey>();
  #seen: SeenTrees = { trees: [], lost: [] };
  readonly #listings = new Map<string, Listings>();
  #mayWrite: boolean;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#mayWrite = options.mayWrite;
  }

  /** The trees under the keys that were loaded. */
  get seen(): SeenTrees {
    return this.#seen;
  }

  /** What is known of the log at this URL, with what this run still adds to its listings. */
  async knownLog(server: string): Promise<Pick<KnownLog, 'seen' | 'server' | 'listings'>> {
    await this.#loadListings(server);
    return { seen: this.#seen, server, listings: () => this.#listings.get(server) ?? NOTHING };
  }

  async #loadListings(server: string): Promise<void> {
    const { directory, now, warn } = this.#options;
    if (this.#listings.has(server) || directory === undefined) return;
    const latest = now() + CLOCK_TOLERANCE;
    const stored = await readListings(directory, server).catch((error: unknown) => {
      warn(`what ${server} listed before is lost: ${messageOf(error)}`);
      return [];
    });
    // A time in the future is one of a wrong clock.
    const listings = stored.map((each) => ((each.seen ?? 0) > latest ? { ...each, seen: undefined } : each));
    this.#listings.set(server, listings);
  }

  /** Remembers what a server lists now. What somebody on the way may have changed counts in this run alone. */
  async recordListing(listed: ListedTrees, server: string): Promise<ListedTrees> {
    const { listings } = await this.knownLog(server);
    const seen = sightedAt(server, this.#options.now(), listed.answeredAt);
    const change = (before: Listings) => addListing(before, listed.trees, seen);
    const after = change(listings());
    if (after === listings()) return listed;
    this.#listings.set(server, after);
    if (!isAuthentic(server)) return listed;
    const stored = await this.#write('remember which trees the log lists', (directory) =>
      updateListings(directory, server, change),
    );
    this.#listings.set(server, stored ?? after);
    return listed;
  }

  /** Reads what is remembered of the trees under these keys, each once. */
  async load(keys: readonly LogKey[]): Promise<void> {
    const unread = keys.filter(({ logId }) => !this.#loaded.has(logId));
    for (const key of unread) this.#loaded.set(key.logId, key);
    await this.#loadTrees(unread);
    this.#addGiven(unread);
  }

  async #loadTrees(unread: readonly LogKey[]): Promise<void> {
    const { directory, now, warn } = this.#options;
    if (directory === undefined || unread.length === 0) return;
    const { trees, lost } = await readSeenTrees(directory, unread);
    for (const { reason } of lost) warn(`what was seen before of the log is lost: ${reason}`);
    const latest = now() + CLOCK_TOLERANCE;
    for (const { treeId, sightings } of trees)
      for (const { seen } of sightings.filter((sighting) => sighting.seen > latest))
        warn(`a sighting of tree ${treeId} lies in the future, at ${formatTime(seen)}: it is dropped`);
    this.#seen = {
      trees: [...this.#seen.trees, ...trees.map((tree) => upTo(latest, tree))],
      lost: [...this.#seen.lost, ...lost],
    };
  }

  /** Adds the checkpoints that the user has from elsewhere; they are not written, and displace nothing. */
  #addGiven(keys: readonly LogKey[]): void {
    for (const text of this.#options.checkpoints ?? []) {
      const checkpoint = readSignedCheckpoint(text, keys);
      if (checkpoint === undefined || checkpoint.size === 0) continue;
      const before = this.#seen.trees.find((tree) => isOfTree(tree, checkpoint));
      const after = addCheckpoint(before, { checkpoint, linkedTo: [], server: undefined, seen: undefined });
      this.#seen = { ...this.#seen, trees: [...this.#seen.trees.filter((tree) => tree !== before), after] };
    }
  }

  /** Remembers a checkpoint that nothing contradicts. */
  async record(shown: NewCheckpoint): Promise<void> {
    const { checkpoint } = shown;
    const before = this.#seen.trees.find((tree) => isOfTree(tree, checkpoint));
    const after = addCheckpoint(before, shown);
    if (before !== undefined && formatSeenTree(after) === formatSeenTree(before)) return;
    const latest = this.#options.now() + CLOCK_TOLERANCE;
    const stored = await this.#write('remember what was seen of the log', async (directory) => {
      const key = this.#loaded.get(checkpoint.logId);
      const change = (tree?: SeenTree) => addCheckpoint(tree && upTo(latest, tree), shown);
      return key && (await updateSeenTree(directory, key, checkpoint.treeId, change));
    });
    const others = this.#seen.trees.filter((tree) => !isOfTree(tree, checkpoint));
    this.#seen = { ...this.#seen, trees: [...others, stored ?? after] };
  }

  /** Keeps a conflict as evidence against the log at this server. */
  async keep(conflict: Conflict, server: string): Promise<KeptConflict> {
    const path = await this.#write('keep the evidence', (directory) =>
      keepConflict(join(directory, 'conflicts'), conflict, server, this.#options.now()),
    );
    return { ...conflict, ...(path !== undefined && { path }) };
  }

  /** What failed once is not tried again: it would fail, or wait, once a chart. */
  async #write<T>(what: string, write: (directory: string) => Promise<T>): Promise<T | undefined> {
    const { directory, warn } = this.#options;
    if (!this.#mayWrite) return undefined;
    try {
      if (directory === undefined) throw new Error('there is no home; set HELM_SIGSTORE_HOME');
      return await write(directory);
    } catch (error) {
      this.#mayWrite = false;
      warn(`cannot ${what}: ${messageOf(error)}`);
      return undefined;
    }
  }
}
