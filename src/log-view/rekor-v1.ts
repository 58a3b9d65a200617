import { backoff, MAX_TRIES } from '../http/retry.ts';
import type { RekorClient } from '../rekor/client.ts';
import type { ProposedEntry } from '../rekor/helm-entry.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import { needsProof, provesExtension, type ConsistencyProof } from '../tlog/consistency-proof.ts';
import type { EntryId } from '../tlog/logged-entry.ts';
import type { GatheredEntries, SentEntry, TreeListing, WritableLogView } from './log-view.ts';
import { lookUpExisting, lookUpIndex, lookUpLeaves } from './rekor-v1-entries.ts';

/** A log as its server shows it now, through the Rekor v1 API. */
export class RekorV1View implements WritableLogView {
  /** For what only this API offers: the log's own keys. */
  readonly client: RekorClient;
  readonly #random: () => number;

  /** @param random gives a number from 0 up to but not including 1 */
  constructor(client: RekorClient, random: () => number) {
    this.client = client;
    this.#random = random;
  }

  get url(): string {
    return this.client.url;
  }

  async entries(leafHashes: readonly string[]): Promise<GatheredEntries> {
    return await lookUpLeaves(this.client, leafHashes);
  }

  search(
    query: SearchQuery,
    onProgress?: (asked: number, total: number) => void,
    isWanted?: (id: EntryId) => boolean,
  ): AsyncGenerator<GatheredEntries> {
    return lookUpIndex(this.client, query, onProgress, isWanted);
  }

  async submit(proposed: ProposedEntry, leafHashes: readonly string[]): Promise<SentEntry> {
    const created = await this.client.createEntry(proposed);
    if (created.status === 'exists') {
      const { entries } = await lookUpExisting(this.client, leafHashes, created.id);
      return { entries, isNew: false, id: created.id };
    }
    const { entry, answeredAt } = created;
    const gathered = { entry, answeredAt, asked: leafHashes, source: 'predicted' as const };
    return { entries: [gathered], isNew: true, id: entry.id };
  }

  /** Asks again before a refused or a wrong proof is believed: a replica that lags knows only the smaller tree. */
  async consistency(treeId: string, a: TreeHead, b: TreeHead): Promise<ConsistencyProof> {
    if (!needsProof(a, b)) return { kind: 'not-needed' };
    const [first, last] = [Math.min(a.size, b.size), Math.max(a.size, b.size)];
    for (let tries = 1; ; tries++) {
      const answer = await this.client.consistencyProof(treeId, first, last);
      const isRefused = 'refused' in answer;
      if (tries === MAX_TRIES || (!isRefused && provesExtension(a, b, answer.hashes)))
        return isRefused
          ? { kind: 'refused', why: answer.refused, isUnknown: answer.isUnknown }
          : { kind: 'hashes', hashes: answer.hashes };
      await this.client.pause(backoff(tries, this.#random));
    }
  }

  async trees(): Promise<TreeListing> {
    const { inactiveShards, answeredAt, ...active } = await this.client.logInfo();
    const trees = [active, ...inactiveShards].map(
      ({ treeId, treeSize, rootHash, signedTreeHead }, index) => ({
        treeId,
        isActive: index === 0,
        size: treeSize,
        rootHash,
        checkpoint: signedTreeHead,
      }),
    );
    return { trees, answeredAt };
  }
}
