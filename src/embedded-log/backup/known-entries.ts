import { encodeBase64, equalBytes } from '../../encoding.ts';
import { RejectedError } from '../../errors.ts';
import { verifyInclusionPromise } from '../../tlog/inclusion-promise.ts';
import type { LoggedEntry } from '../../tlog/logged-entry.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { LogContents } from '../log/contents.ts';
import { indexKeysIfHelm } from '../entry/index-keys.ts';
import type { StoredEntry } from '../journal/record.ts';
import { signedIn, type FoundCheckpoint, type CheckpointFile } from './resume-log.ts';

/** An evidence file, and the entries in it. */
export interface KeptEntries extends CheckpointFile {
  readonly entries: readonly LoggedEntry[];
}

/** What evidence has of a log, beyond what its directory has. Only what the log promised or signed is taken. */
export class KnownEntries {
  /** The checkpoints of the tree, in the order in which they were found. */
  readonly checkpoints: FoundCheckpoint[] = [];
  /** How many entries are of other logs, or of another tree. */
  others = 0;
  private readonly entries = new Map<number, StoredEntry>();
  private readonly texts = new Set<string>();

  constructor(
    private readonly key: LogKey,
    private readonly contents: LogContents,
  ) {}

  /** @throws RejectedError when the file contradicts what the log signed, or claims that the log signed what it did not */
  add(file: KeptEntries): void {
    const { path, entries } = file;
    const { origin } = this.contents.head;
    const signed = signedIn(file, this.key);
    for (const head of signed)
      if (head.origin === origin && !this.texts.has(head.text)) {
        this.texts.add(head.text);
        this.checkpoints.push({ path, head });
      }
    for (const entry of entries) {
      const below = signed.find(({ text }) => text === entry.proof.checkpoint);
      if (entry.logId !== this.key.logId || (below !== undefined && below.origin !== origin)) this.others++;
      else if (below === undefined)
        throw new RejectedError(`${path}: its checkpoint is not signed by this log`, KEEP_IT);
      else this.take(path, entry);
    }
  }

  /** The entry of this index, if there is one beyond those of the directory. */
  at(index: number): StoredEntry | undefined {
    return this.entries.get(index);
  }

  /** How many there are from this index on. */
  countFrom(index: number): number {
    return [...this.entries.keys()].filter((each) => each >= index).length;
  }

  private take(path: string, { body, logId, proof, time }: LoggedEntry): void {
    const { integratedTime, logIndex, signature } = time;
    const promise = { body: encodeBase64(body), integratedTime, logId, logIndex };
    if (!verifyInclusionPromise(promise, signature, this.key))
      throw new RejectedError(`${path}: the promise for entry ${logIndex} does not hold`, KEEP_IT);
    if (logIndex !== proof.index)
      throw new RejectedError(
        `${path}: the promise is for entry ${logIndex}, and the proof for entry ${proof.index}`,
        KEEP_IT,
      );
    if (logIndex < this.contents.head.size) {
      if (!equalBytes(leafHash(body), this.contents.tree.leaf(logIndex)))
        throw new RejectedError(`${path}: the log promised another entry ${logIndex} than it has`, KEEP_IT);
      return;
    }
    const known = this.entries.get(logIndex);
    if (known === undefined) {
      const indexKeys = indexKeysIfHelm(body) ?? [];
      this.entries.set(logIndex, { body, integratedTime, indexKeys, signedEntryTimestamp: signature });
    } else if (known.integratedTime !== integratedTime || !equalBytes(known.body, body))
      throw new RejectedError(`${path}: the log promised two different entries ${logIndex}`, KEEP_IT);
  }
}

const KEEP_IT = 'nothing was changed; leave that file out, and keep it';
