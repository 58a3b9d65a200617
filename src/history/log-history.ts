import { encodeHex } from '../encoding.ts';
import { isLoopback } from '../http/base-url.ts';
import type { RekorClient } from '../rekor/client.ts';
import type { ReturnedEntry } from '../rekor/gathered-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { conflictIn, type Conflict, type KeptConflict, type Past } from '../verification/consistency.ts';
import type { EntryPast } from '../verification/entry-checks.ts';
import { CLOCK_TOLERANCE } from '../verification/log-time.ts';
import { provenHead, type ProvenHead, type SignedHead } from '../verification/signed-head.ts';
import { HistoryStore, type HistoryOptions } from './history-store.ts';
import { listTrees, type Listing } from './listed-trees.ts';
import { gatherPast, gatherSightings, headsOfOthers } from './past.ts';
import type { Memories } from './memory-files.ts';
import { absorb, isOfTree, isSameHead, type TreeMemory } from './tree-memory.ts';

/** A tree head that the log showed in this run. */
export interface ShownHead extends ProvenHead {
  /** When, in seconds since 1970, by the log's clock; undefined if it did not say. */
  readonly answeredAt: number | undefined;
}

/** A tree that its log does not list any more. */
export interface MissingTree {
  readonly memory: TreeMemory;
  readonly past: Past;
}

/** The past of a head, and which heads are proven to be of one tree with it. */
interface Gathered {
  readonly past: Past;
  readonly linkedTo: readonly SignedHead[];
}

/** A log whose trees have a past, and how to ask it. */
export interface AskedLog {
  readonly log: TrustedLog;
  readonly client: RekorClient;
}

/**
 * The checkpoints of a log that this user has seen, in this run and in those before it: what the log shows is held
 * against them, and what holds is remembered.
 */
export class LogHistory {
  readonly #options: HistoryOptions;
  readonly #store: HistoryStore;
  /** Each head is linked to the past once a run. */
  readonly #pasts = new Map<string, Promise<Gathered>>();
  #gathering: Promise<unknown> = Promise.resolve();
  /** The trees that this run has seen, as they will be remembered. */
  #seen: readonly TreeMemory[] = [];
  #listing: Promise<Listing> | undefined;
  readonly #conflicts: KeptConflict[] = [];
  /** What `remember` has not looked at yet, each head once however many entries came with it. */
  readonly #unsettled = new Map<string, Gathered & { shown: ShownHead; server: string }>();

  /** The history of the log, as it was before this run asks it anything. */
  static async open(log: TrustedLog | undefined, options: HistoryOptions): Promise<LogHistory> {
    const history = new LogHistory(options);
    if (log !== undefined) await history.#store.load(log.keys);
    return history;
  }

  private constructor(options: HistoryOptions) {
    this.#options = options;
    this.#store = new HistoryStore(options);
  }

  /** What is remembered of the trees under the trusted keys. */
  get trees(): readonly TreeMemory[] {
    return this.#store.memories.trees;
  }

  /** What was reported in this run. */
  get conflicts(): readonly KeptConflict[] {
    return this.#conflicts;
  }

  /**
   * What is known of the past of the tree that an entry is in, for the judge.
   * @throws LogError when the log does not answer for it, or its answer makes no sense
   */
  async pastOf(returned: ReturnedEntry, asked: AskedLog): Promise<EntryPast> {
    const proven = await provenHead(returned, asked.log);
    // Where there is no signed checkpoint, nothing is compared.
    if (proven === undefined) return { tree: { kind: 'first' }, sightings: [] };
    // A key may have been refreshed into the trusted ones since.
    await this.#store.load(asked.log.keys);
    const { memories } = this.#store;
    const tree = await this.pastOfHead({ ...proven, answeredAt: returned.answeredAt }, asked);
    return { tree, sightings: gatherSightings(proven, tree, { memories, server: asked.log.url }) };
  }

  /** The same for a tree head alone. */
  async pastOfHead(shown: ShownHead, asked: AskedLog): Promise<Past> {
    const { head, offset } = shown;
    const server = asked.log.url;
    const name = [head.logId, head.treeId, head.size, encodeHex(head.rootHash), offset].join();
    const gathered = this.#pasts.get(name) ?? this.#gather(shown, asked);
    this.#pasts.set(name, gathered);
    // What fails may work for the next chart.
    gathered.catch(() => this.#pasts.delete(name));
    const { past, linkedTo } = await gathered;
    this.#unsettled.set(name, { shown, past, linkedTo, server });
    return past;
  }

  /** One after the other: each head is held against what is remembered, and against those before it in this run. */
  async #gather(shown: ShownHead, asked: AskedLog): Promise<Gathered> {
    const turn = this.#gathering.then(async () => {
      const { head, offset } = shown;
      const server = asked.log.url;
      const recollect = (memories: Memories) =>
        gatherPast(shown, {
          client: asked.client,
          random: this.#options.random,
          memories,
          server,
          listing: () => this.list(asked),
        });
      const past = await recollect(this.#store.memories);
      if (conflictIn(past) !== undefined) return { past, linkedTo: [] };
      const seen = this.#seen.find((tree) => isOfTree(tree, head));
      const inRun = seen && (await recollect({ trees: [seen], lost: [] }));
      if (inRun && conflictIn(inRun) !== undefined) return { past: inRun, linkedTo: [] };
      const linkedTo = [...linkedIn(past), ...(inRun ? linkedIn(inRun) : [])];
      const after = absorb(seen, { head, linkedTo, server, offset, seen: undefined });
      this.#seen = [...this.#seen.filter((tree) => tree !== seen), after];
      return { past, linkedTo };
    });
    this.#gathering = turn.catch(() => undefined);
    return await turn;
  }

  /** The trees that the log lists, asked for once a run. @throws LogError */
  async list({ client, log }: AskedLog): Promise<Listing> {
    this.#listing ??= listTrees(client, log.keys);
    try {
      return await this.#listing;
    } catch (error) {
      this.#listing = undefined;
      throw error;
    }
  }

  /** The trees that this server showed before and does not list any more, and what their past is by now. */
  missingFrom({ trees: listed }: Listing, server: string): MissingTree[] {
    const now = listed.find(({ isActive }) => isActive)?.head;
    if (now === undefined) return [];
    const missing = this.trees.filter(
      ({ treeId, servers }) => servers.includes(server) && !listed.some((tree) => tree.treeId === treeId),
    );
    return missing.map((memory) => {
      const displaced = [{ before: memory.heads[0], how: 'not-listed' as const }];
      const past: Past = { kind: 'rotated', now, links: [], displaced };
      const shown = { head: now, offset: undefined, answeredAt: undefined };
      this.#unsettled.set(`${memory.logId},${memory.treeId}`, { shown, past, linkedTo: [], server });
      return { memory, past };
    });
  }

  /**
   * Remembers what the log showed since the last call and the past does not contradict; what it does contradict is
   * kept as evidence, and reported.
   */
  async remember(): Promise<void> {
    const unsettled = [...this.#unsettled.values()];
    this.#unsettled.clear();
    for (const { shown, past, linkedTo, server } of unsettled) {
      const conflict = conflictIn(past);
      if (conflict !== undefined) {
        await this.#accuse(conflict, server);
        continue;
      }
      const seen = isAuthentic(server) ? agreedTime(this.#options.now(), shown.answeredAt) : undefined;
      await this.#store.record({ head: shown.head, linkedTo, server, offset: shown.offset, seen });
      for (const head of headsOfOthers(past))
        await this.#store.record({ head, linkedTo, server, offset: undefined, seen: undefined });
    }
  }

  async #accuse(conflict: Conflict, server: string): Promise<void> {
    const isKnown = this.#conflicts.some(
      ({ before, now }) => isSameHead(before, conflict.before) && isSameHead(now, conflict.now),
    );
    if (isKnown) return;
    const kept = await this.#store.keep(conflict, server);
    this.#conflicts.push(kept);
    this.#options.report(kept);
  }
}

function linkedIn(past: Past): SignedHead[] {
  return 'links' in past ? past.links.map(({ before }) => before) : [];
}

/** Whether an answer of this server is its own: anybody on the way could send an old one as if it were of today. */
function isAuthentic(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'https:' || isLoopback(hostname);
}

/**
 * The time of a sighting: the earlier one of two clocks that agree. A moment that is too late would accuse honest
 * entries.
 */
function agreedTime(now: number, answeredAt: number | undefined): number | undefined {
  if (answeredAt === undefined || Math.abs(now - answeredAt) > CLOCK_TOLERANCE) return undefined;
  return Math.min(now, answeredAt);
}
