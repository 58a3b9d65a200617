import { LogError } from '../errors.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import { needsProof, type ConsistencyProof, type NotAsked } from '../tlog/consistency-proof.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import type { Ask } from './ask.ts';
import type { GatheredEntries, LogView, TreeListing } from './log-view.ts';

/**
 * A log as somebody kept it: its entries are those of an evidence file, which hold without the log. Only what connects
 * them with what was seen before is asked of the log itself; that it does not answer takes nothing from them.
 */
export class KeptView implements LogView {
  readonly #entries: readonly LoggedEntry[];
  readonly #ask: Ask;

  /** @param url the address of the log that the run is about */
  constructor(
    readonly url: string,
    entries: readonly LoggedEntry[],
    ask: Ask,
  ) {
    this.#entries = entries;
    this.#ask = ask;
  }

  /** All entries of the file: one with another leaf hash may be the chart's in another form. */
  entries(leafHashes: readonly string[]): Promise<GatheredEntries> {
    const entries = this.#entries.map((entry) => ({
      entry,
      asked: leafHashes,
      // Nobody knows when the log said it, so it does not tell when the log had which entries.
      answeredAt: undefined,
      source: 'kept' as const,
    }));
    return Promise.resolve({ entries, unreadable: [] });
  }

  /** Nothing: what was kept is all that is looked at. */
  async *search(): AsyncGenerator<GatheredEntries> {
    // Nobody kept an index.
  }

  async consistency(treeId: string, a: TreeHead, b: TreeHead): Promise<ConsistencyProof> {
    if (!needsProof(a, b)) return { kind: 'not-needed' };
    return await this.#ask(`tree ${treeId}`, async (view) => {
      const proof = await view.consistency(treeId, a, b);
      // Where the log is gone, another server may answer at its address, and knows no such page.
      if (proof.kind === 'refused' && proof.isUnknown === true) throw new LogError('LOG_ANSWER', proof.why);
      return proof;
    });
  }

  async trees(): Promise<TreeListing | NotAsked> {
    return await this.#ask('trees', (view) => view.trees());
  }
}
