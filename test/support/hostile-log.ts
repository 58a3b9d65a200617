import type { EntryAnswer } from '../../src/embedded-log/log/entry-answer.ts';
import { entryIdOf } from './independent/note.mjs';
import { leafHash, ReferenceTree } from './independent/tree.mjs';
import { newLogKeys, type LogKeyPair } from './log-keys.ts';
import { SIGNER_NAME, signCheckpoint, signStatement, type Statement } from './statement.ts';

/** One tree of a log. */
export interface Shard {
  /** Decimal. */
  readonly treeId: string;
  readonly keys: LogKeyPair;
  /** How many leaves the trees before it hold. */
  readonly offset: number;
  readonly tree: ReferenceTree;
  readonly leaves: Leaf[];
}

/** An entry that really is in a tree. */
export interface Leaf {
  readonly shard: Shard;
  /** Within its tree. */
  readonly index: number;
  readonly body: Uint8Array;
  readonly integratedTime: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
  /** 80 hexadecimal digits. */
  readonly uuid: string;
}

/**
 * A log of real Merkle trees that takes any bytes at any time, and lies as it is told to. A lie changes an answer
 * before the log signs it, so that the signatures are true and only the check against that very lie can find it,
 * or after, when the signature is the lie.
 */
export class HostileLog {
  readonly shards: Shard[] = [];
  /** What the index finds, for any query. */
  indexed: string[] = [];
  /** Changes what is said of an entry when somebody asked for it by this UUID or leaf hash. */
  beforeSigning: (said: Statement, asked: string) => Statement = (said) => said;
  /** Changes the signed answer about an entry. */
  afterSigning: (answer: EntryAnswer, asked: string) => unknown = (answer) => answer;
  /** Changes the answer of `entries/retrieve`, a list of `{UUID: entry}`. */
  retrieved: (elements: Record<string, unknown>[]) => unknown = (elements) => elements;
  /** Which leaves are answered for a UUID or leaf hash, where they are not those that have it. */
  readonly #substitutes = new Map<string, readonly Leaf[]>();

  constructor(public keys: LogKeyPair = newLogKeys['P-256']()) {
    this.addShard();
  }

  /** The tree that grows. */
  get active(): Shard {
    const shard = this.shards.at(-1);
    if (shard === undefined) throw new Error('a log without a tree');
    return shard;
  }

  /** Freezes the active tree and begins another one. */
  addShard(keys = this.keys): Shard {
    const last = this.shards.at(-1);
    const offset = last ? last.offset + last.tree.size : 0;
    const treeId = `${3_904_496_407_287_907_110n + BigInt(this.shards.length)}`;
    const shard = { treeId, keys, offset, tree: new ReferenceTree(), leaves: [] };
    this.shards.push(shard);
    return shard;
  }

  /** Logs any bytes as a leaf, at any time; the index finds it unless it is told not to. */
  append(
    body: Uint8Array,
    { integratedTime, indexed = true }: { integratedTime: number; indexed?: boolean },
  ) {
    const shard = this.active;
    const bytes = leafHash(body);
    const hash = Buffer.from(bytes).toString('hex');
    const uuid = entryIdOf(hash, shard.treeId);
    const leaf: Leaf = { shard, index: shard.tree.size, body, integratedTime, hash, uuid };
    shard.tree.append(bytes);
    shard.leaves.push(leaf);
    if (indexed) this.indexed.push(uuid);
    return leaf;
  }

  /** Logs entries of others, so that proofs have a length. */
  fill(count: number): void {
    for (let i = 0; i < count; i++) {
      const body = Buffer.from(`{"kind":"rekord","spec":{"number":${this.active.tree.size}}}`);
      this.append(body, { integratedTime: 1_700_000_000, indexed: false });
    }
  }

  /** Answers these leaves whenever this UUID or leaf hash is asked for. */
  answerInstead(asked: string, ...leaves: readonly Leaf[]): void {
    this.#substitutes.set(asked, leaves);
  }

  /** The truth about a leaf, in the tree of the first `size` leaves. */
  truth({ shard, index, body, integratedTime, uuid }: Leaf, size = shard.tree.size): Statement {
    const { tree, keys, offset, treeId } = shard;
    const rootHash = tree.root(size);
    return {
      uuid,
      body,
      integratedTime,
      logId: keys.key.logId,
      logIndex: offset + index,
      proof: { logIndex: index, treeSize: size, rootHash, hashes: tree.inclusionProof(index, size) },
      checkpoint: { origin: originOf(treeId), size, rootHash, extensions: [] },
      keys: { promise: keys, checkpoint: keys },
    };
  }

  /** The latest checkpoint of a tree. */
  head({ tree, treeId, keys }: Shard): string {
    const { size } = tree;
    return signCheckpoint(
      { origin: originOf(treeId), size, rootHash: tree.root(size), extensions: [] },
      keys,
    );
  }

  /** What the log answers when it is asked for a UUID, or for a leaf hash in any of its trees. */
  answersTo(asked: string): Record<string, unknown>[] {
    return (this.#substitutes.get(asked) ?? this.#find(asked)).map((leaf) => this.answerAbout(leaf, asked));
  }

  answerAbout(leaf: Leaf, asked: string): Record<string, unknown> {
    const said = this.beforeSigning(this.truth(leaf), asked);
    return { [said.uuid]: this.afterSigning(signStatement(said), asked) };
  }

  /** The tree that a statement is about. */
  treeOf({ uuid }: Statement): ReferenceTree {
    const shard = this.shards.find(({ leaves }) => leaves.some((leaf) => leaf.uuid === uuid));
    if (shard === undefined) throw new Error(`no tree with ${uuid}`);
    return shard.tree;
  }

  /** The leaf at an index of the active tree. */
  leaf(index: number): Leaf {
    const leaf = this.active.leaves[index];
    if (leaf === undefined) throw new Error(`no leaf ${index}`);
    return leaf;
  }

  /** The leaf at an index over all trees. */
  leafAt(logIndex: number): Leaf | undefined {
    return this.shards.flatMap(({ leaves }) => leaves)[logIndex];
  }

  /** The leaves with this leaf hash (64 digits) in any tree, or in the tree that stands before it. */
  #find(asked: string): Leaf[] {
    return this.shards.flatMap(
      ({ leaves }) => leaves.find(({ hash, uuid }) => asked === hash || asked === uuid) ?? [],
    );
  }
}

/** The origin of the checkpoints of a tree, as Rekor writes it. */
export function originOf(treeId: string): string {
  return `${SIGNER_NAME} - ${treeId}`;
}
