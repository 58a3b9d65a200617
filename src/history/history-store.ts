import { join } from 'node:path';
import { formatTime } from '../encoding.ts';
import { messageOf } from '../errors.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { Conflict, KeptConflict } from '../verification/consistency.ts';
import { CLOCK_TOLERANCE } from '../verification/log-time.ts';
import { keepConflict } from './conflict-files.ts';
import { formatMemory } from './memory-format.ts';
import { readMemories, updateMemory, type Memories } from './memory-files.ts';
import { absorb, isOfTree, upTo, type Observation, type TreeMemory } from './tree-memory.ts';

/** Where history is kept, and what it needs of its run. */
export interface HistoryOptions {
  /** Undefined: there is no home, and what this run sees is forgotten with it. */
  readonly directory: string | undefined;
  /** False: what is there is looked at, and left as it is. */
  readonly mayWrite: boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  readonly warn: (warning: string) => void;
  /** Told of each conflict, once a run. */
  readonly report: (conflict: KeptConflict) => void;
}

/**
 * What is remembered, in this run and on disk. Losing it costs history, never correctness: what cannot be read or
 * written is warned about, and the run goes on.
 */
export class HistoryStore {
  readonly #options: HistoryOptions;
  readonly #loaded = new Map<string, LogKey>();
  #memories: Memories = { trees: [], lost: [] };
  #mayWrite: boolean;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#mayWrite = options.mayWrite;
  }

  /** Of the trees under the keys that were loaded. */
  get memories(): Memories {
    return this.#memories;
  }

  /** Reads what is remembered of the trees under these keys, each once. */
  async load(keys: readonly LogKey[]): Promise<void> {
    const { directory, now, warn } = this.#options;
    const unread = keys.filter(({ logId }) => !this.#loaded.has(logId));
    for (const key of unread) this.#loaded.set(key.logId, key);
    if (directory === undefined || unread.length === 0) return;
    const { trees, lost } = await readMemories(directory, unread);
    for (const { reason } of lost) warn(`what was seen before of the log is lost: ${reason}`);
    const latest = now() + CLOCK_TOLERANCE;
    for (const { treeId, sightings } of trees)
      for (const { seen } of sightings.filter((sighting) => sighting.seen > latest))
        warn(`a sighting of tree ${treeId} lies in the future, at ${formatTime(seen)}: it is dropped`);
    this.#memories = {
      trees: [...this.#memories.trees, ...trees.map((tree) => upTo(latest, tree))],
      lost: [...this.#memories.lost, ...lost],
    };
  }

  /** Remembers what was seen of a tree. */
  async record(observation: Observation): Promise<void> {
    const { head } = observation;
    const before = this.#memories.trees.find((tree) => isOfTree(tree, head));
    const after = absorb(before, observation);
    if (before !== undefined && formatMemory(after) === formatMemory(before)) return;
    const latest = this.#options.now() + CLOCK_TOLERANCE;
    const stored = await this.#write('remember what was seen of the log', async (directory) => {
      const key = this.#loaded.get(head.logId);
      const change = (tree?: TreeMemory) => absorb(tree && upTo(latest, tree), observation);
      return key && (await updateMemory(directory, key, head.treeId, change));
    });
    const others = this.#memories.trees.filter((tree) => !isOfTree(tree, head));
    this.#memories = { ...this.#memories, trees: [...others, stored ?? after] };
  }

  /** Keeps a conflict as evidence against the log at this server. */
  async keep(conflict: Conflict, server: string): Promise<KeptConflict> {
    const occasion = { server, now: this.#options.now() };
    const path = await this.#write('keep the evidence', (directory) =>
      keepConflict(join(directory, 'conflicts'), conflict, occasion),
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
