import { MalformedError } from '../errors.ts';
import type { LogView, TreeListing } from '../log-view/log-view.ts';
import type { NotAsked } from '../tlog/consistency-proof.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ListedTree } from '../verification/listed-tree.ts';
import { readSignedCheckpoint, type SignedCheckpoint } from '../verification/signed-checkpoint.ts';

/** The trees of a log, the active one first, and when it listed them (seconds since 1970, by its clock). */
export interface ListedTrees {
  readonly trees: readonly ListedTree[];
  readonly answeredAt: number | undefined;
}

/**
 * The trees that a log lists, each with its checkpoint if that is signed.
 * @param keys whose signatures count
 */
export function signedListing({ trees, answeredAt }: TreeListing, keys: readonly LogKey[]): ListedTrees {
  const withCheckpoint = ({ checkpoint: note, ...tree }: (typeof trees)[number]): ListedTree => ({
    ...tree,
    checkpoint: readIfSigned(tree.treeId, note, keys),
  });
  return { trees: trees.map(withCheckpoint), answeredAt };
}

/** A view of a log, and the keys that are trusted to sign for it. */
export interface TrustedView {
  readonly log: TrustedLog;
  readonly view: LogView;
}

/** Has a log list its trees once a run. */
export class TreeLister {
  readonly #record: (listed: ListedTrees, url: string) => Promise<ListedTrees>;
  #listed: Promise<ListedTrees | NotAsked> | undefined;

  /** @param record remembers what the log at this URL lists */
  constructor(record: (listed: ListedTrees, url: string) => Promise<ListedTrees>) {
    this.#record = record;
  }

  /** The trees, or why the log is not asked for them, which it may be later. @throws LogError */
  async listIfAsked(from: TrustedView): Promise<ListedTrees | NotAsked> {
    this.#listed ??= this.#ask(from);
    try {
      const listed = await this.#listed;
      if ('why' in listed) this.#listed = undefined;
      return listed;
    } catch (error) {
      this.#listed = undefined;
      throw error;
    }
  }

  async #ask({ view, log }: TrustedView): Promise<ListedTrees | NotAsked> {
    const listing = await view.trees();
    return 'why' in listing ? listing : await this.#record(signedListing(listing, log.keys), log.url);
  }
}

function readIfSigned(treeId: string, note: string, keys: readonly LogKey[]): SignedCheckpoint | undefined {
  try {
    const checkpoint = readSignedCheckpoint(note, keys);
    return checkpoint?.treeId === treeId ? checkpoint : undefined;
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
