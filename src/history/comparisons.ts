import { encodeHex } from '../encoding.ts';
import type { NotAsked } from '../tlog/consistency-proof.ts';
import { conflictIn, whyUnasked, type Past } from '../verification/consistency.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import { compareWithSeen } from './compare.ts';
import type { ListedTrees, TrustedView } from './listed-trees.ts';
import type { SeenTrees } from './seen-tree-files.ts';
import { addCheckpoint, isOfTree, isSameCheckpoint, type SeenTree } from './seen-tree.ts';

/** What came of a comparison. */
export interface Compared {
  readonly past: Past;
  /** The checkpoints seen before that are proven to be of one tree with this one. */
  readonly linkedTo: readonly SignedCheckpoint[];
}

/** The checkpoints that a log shows in one run: each is compared once with those seen before. */
export class Comparisons {
  readonly #seenBefore: () => SeenTrees;
  readonly #list: (from: TrustedView) => Promise<ListedTrees | NotAsked>;
  readonly #compared = new Map<string, Promise<Compared>>();
  #last: Promise<unknown> = Promise.resolve();
  /** The trees that this run has seen, as they will be remembered. */
  #seenInRun: readonly SeenTree[] = [];

  constructor(seenBefore: () => SeenTrees, list: (from: TrustedView) => Promise<ListedTrees | NotAsked>) {
    this.#seenBefore = seenBefore;
    this.#list = list;
  }

  /** Whether this run was shown nothing yet. */
  get isEmpty(): boolean {
    return this.#seenInRun.length === 0;
  }

  /**
   * Compares a checkpoint.
   * @param shownBy the URL of the server that showed it; undefined: none did
   * @throws LogError when the log does not answer for it, or its answer makes no sense
   */
  async of(checkpoint: SignedCheckpoint, shownBy: string | undefined, from: TrustedView): Promise<Compared> {
    const name = nameOf(checkpoint);
    const compared = this.#compared.get(name) ?? this.#inTurn(checkpoint, shownBy, from);
    this.#compared.set(name, compared);
    // What fails, or was not asked, may work for the next chart.
    compared.then(
      ({ past }) => whyUnasked(past) !== undefined && this.#compared.delete(name),
      () => this.#compared.delete(name),
    );
    return await compared;
  }

  /** One after the other, so that each is compared with those before it in this run as well. */
  async #inTurn(
    checkpoint: SignedCheckpoint,
    shownBy: string | undefined,
    from: TrustedView,
  ): Promise<Compared> {
    const turn = this.#last.then(() => this.#compare(checkpoint, shownBy, from));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  async #compare(
    checkpoint: SignedCheckpoint,
    shownBy: string | undefined,
    from: TrustedView,
  ): Promise<Compared> {
    const server = from.log.url;
    const isKept = shownBy === undefined;
    const compareWith = (seen: SeenTrees) =>
      compareWithSeen(checkpoint, { seen, server, view: from.view, list: () => this.#list(from), isKept });
    const before = this.#seenBefore();
    const past = await compareWith(before);
    if (conflictIn(past) !== undefined) return { past, linkedTo: [] };
    const linked = linkedIn(past);
    const seen = this.#seenInRun.find((tree) => isOfTree(tree, checkpoint));
    const [first, ...others] = (seen?.lastSeen ?? []).filter(
      (each) => !linked.some((other) => isSameCheckpoint(each, other)),
    );
    const known = before.trees.find((tree) => isOfTree(tree, checkpoint))?.servers ?? [];
    const inRun =
      seen &&
      first &&
      (await compareWith({
        trees: [{ ...seen, servers: [...seen.servers, ...known], lastSeen: [first, ...others] }],
        lost: [],
      }));
    if (inRun && conflictIn(inRun) !== undefined) return { past: inRun, linkedTo: [] };
    const linkedTo = [...linked, ...(inRun ? linkedIn(inRun) : [])];
    const after = addCheckpoint(seen, { checkpoint, linkedTo, server: shownBy, seen: undefined });
    this.#seenInRun = [...this.#seenInRun.filter((tree) => tree !== seen), after];
    return { past, linkedTo };
  }
}

/** One name for all checkpoints that say the same. */
export function nameOf({ logId, treeId, size, rootHash }: SignedCheckpoint): string {
  return [logId, treeId, size, encodeHex(rootHash)].join();
}

/** Where the log was not asked for its proof, nothing is linked. */
function linkedIn(past: Past): SignedCheckpoint[] {
  const links = 'links' in past ? past.links : [];
  return links.filter(({ proof }) => proof.kind !== 'not-asked').map(({ before }) => before);
}
