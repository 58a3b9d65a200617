import { createPublicKey, randomBytes } from 'node:crypto';
import { encodeBase64, encodeHex } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';
import { formatEntryId } from '../rekor/entry-id.ts';
import { signCheckpoint, verifyCheckpointSignature } from '../tlog/checkpoint.ts';
import { promisePayload } from '../tlog/inclusion-promise.ts';
import { logKeyFromSpki, signWith, type LogKey } from '../tlog/log-key.ts';
import { LogContents, type SignedTreeHead } from './contents.ts';
import type { StoredEntry } from './record.ts';
import { Store } from './store.ts';

/** The name under which the log signs; with the tree ID it is the origin of its checkpoints, as Rekor has it. */
const HOSTNAME = 'helm-sigstore';

/** A leaf that is to be logged, and what a search shall find it by. */
export type Candidate = Pick<StoredEntry, 'body' | 'indexKeys'>;

/** An entry as the Rekor v1 API spells it, with proofs for the present size of the tree. */
export interface EntryAnswer {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
    readonly signedEntryTimestamp: string;
  };
}

/** A transparency log of one tree, in one directory. */
export class Log {
  /** Decimal. */
  readonly treeId: string;
  private gathered: Candidate[] = [];
  /** The commit under way, and the one that will take what is gathered until that is done. */
  private current: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private broken = false;

  private constructor(
    private readonly store: Store,
    private readonly contents: LogContents,
    readonly key: LogKey,
    private readonly now: () => number,
  ) {
    this.treeId = this.head.origin.slice(`${HOSTNAME} - `.length);
  }

  /**
   * Opens the log in a directory, or starts a new one there.
   * @param now the time in seconds since 1970
   * @throws InputError when the directory is in use or damaged
   */
  static async open(directory: string, now: () => number): Promise<Log> {
    const contents = new LogContents();
    const store = await Store.open(directory, (batch) => {
      contents.replay(batch);
    });
    try {
      const key = logKeyFromSpki(createPublicKey(store.privateKey).export({ format: 'der', type: 'spki' }));
      if (contents.head === undefined) {
        const head = { origin: `${HOSTNAME} - ${newTreeId()}`, size: 0, rootHash: contents.tree.root(0) };
        const first = { entries: [], checkpoint: signCheckpoint(head, HOSTNAME, key, store.privateKey) };
        await store.append(first);
        contents.publish(first);
      } else if (!verifyCheckpointSignature(contents.head, key))
        throw new InputError(`the log in ${directory} was signed with another key than its key.pem`);
      return new Log(store, contents, key, now);
    } catch (error) {
      await store.close();
      if (error instanceof MalformedError)
        throw new InputError(`${directory} holds no log: ${error.message}`);
      throw error;
    }
  }

  /** The file with the log's public key (PEM). */
  get publicKeyPath(): string {
    return this.store.publicKeyPath;
  }

  get publicKeyPem(): string {
    return this.key.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  }

  /** The latest checkpoint. */
  get head(): SignedTreeHead {
    if (this.contents.head === undefined) throw new Error('a log without a checkpoint');
    return this.contents.head;
  }

  /**
   * Adds a leaf, unless it is in the tree already; fulfilled when it is durable, with all that others are told
   * of it. Once a write has failed, every later one does: what is on disk is known again after a restart.
   */
  async add(candidate: Candidate): Promise<{ readonly index: number; readonly isNew: boolean }> {
    if (this.broken)
      throw new Error('the log could not write; it takes no more entries until it is restarted');
    const { index, isNew } = this.contents.add(candidate.body);
    if (isNew) {
      this.gathered.push(candidate);
      // All that come while a commit is under way share the next one, and its fsync.
      this.next ??= this.current.then(() => this.commit());
    }
    if (index >= this.head.size) await (this.next ?? this.current);
    return { index, isNew };
  }

  /** The entry at this index (below the size of the tree), by its entry ID. */
  async entry(index: number): Promise<Record<string, EntryAnswer>> {
    const { size, rootHash, text } = this.head;
    const { body, integratedTime } = await this.store.read(index);
    const promise = { body: encodeBase64(body), integratedTime, logId: this.key.logId, logIndex: index };
    const signature = signWith(this.store.privateKey, promisePayload(promise));
    return {
      [this.entryId(index)]: {
        body: promise.body,
        integratedTime,
        logID: this.key.logId,
        logIndex: index,
        verification: {
          inclusionProof: {
            checkpoint: text,
            hashes: this.contents.tree.inclusionProof(index, size).map(encodeHex),
            logIndex: index,
            rootHash: encodeHex(rootHash),
            treeSize: size,
          },
          signedEntryTimestamp: encodeBase64(signature),
        },
      },
    };
  }

  /** The 80 hexadecimal digits that name the entry at this index. */
  entryId(index: number): string {
    return formatEntryId(encodeHex(this.contents.tree.leaf(index)), this.treeId).text;
  }

  /** The index of the entry with this leaf hash (hexadecimal), if the log has it. */
  indexOf(leafHash: string): number | undefined {
    return this.contents.indexOf(leafHash);
  }

  /** The IDs of the entries that any (`or`) or all (`and`) of the search keys find. */
  search(keys: readonly string[], operator: 'and' | 'or'): string[] {
    return this.contents.find(keys, operator).map((index) => this.entryId(index));
  }

  /** The proof that the tree of `size1` leaves is a prefix of that of `size2`; `0 < size1 <= size2 <= head.size`. */
  consistencyProof(size1: number, size2: number): string[] {
    return this.contents.tree.consistencyProof(size1, size2).map(encodeHex);
  }

  /** Waits for what is under way, and gives the directory back. */
  async close(): Promise<void> {
    // Whoever added to a commit that failed has been told.
    await (this.next ?? this.current).catch(() => undefined);
    await this.store.close();
  }

  private async commit(): Promise<void> {
    this.current = this.next ?? this.current;
    this.next = undefined;
    const integratedTime = this.now();
    const entries = this.gathered.map((candidate) => ({ ...candidate, integratedTime }));
    this.gathered = [];
    const size = this.head.size + entries.length;
    const head = { origin: this.head.origin, size, rootHash: this.contents.tree.root(size) };
    const checkpoint = signCheckpoint(head, HOSTNAME, this.key, this.store.privateKey);
    try {
      await this.store.append({ entries, checkpoint });
    } catch (error) {
      this.broken = true;
      throw error;
    }
    this.contents.publish({ entries, checkpoint });
  }
}

/** A random number of 63 bits that is not zero, in decimal. */
function newTreeId(): string {
  const id = BigInt.asUintN(63, randomBytes(8).readBigUInt64BE());
  return id === 0n ? newTreeId() : id.toString();
}
