import { encodeBase64, encodeHex, equalBytes } from '../../encoding.ts';
import { verifyInclusionPromise } from '../../tlog/inclusion-promise.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { IndexCheck } from './check-index.ts';
import type { Damages } from './damages.ts';
import { indexKeysIfHelm } from '../entry/index-keys.ts';
import type { StoredEntry } from '../journal/record.ts';

/** An entry as it is stored, or what is left of it: a body that is not what was signed is looked at no further. */
export type ExaminedEntry = Omit<StoredEntry, 'body'> & { readonly body: Uint8Array | undefined };

/** Looks at the entries of a log, one after the other: their promises, times and search keys. */
export class EntryCheck {
  private newestTime: number;
  private isWhole = true;
  private readonly offset: number;

  /** @param before how many entries the trees before have, and the latest time that is known before the first entry */
  constructor(
    private readonly key: LogKey,
    private readonly findings: Damages,
    private readonly index: IndexCheck,
    before: { readonly offset: number; readonly newestTime: number },
  ) {
    this.newestTime = before.newestTime;
    this.offset = before.offset;
  }

  /** The latest time up to now, in seconds since 1970; undefined when some of them are not known. */
  get latest(): number | undefined {
    return this.isWhole ? this.newestTime : undefined;
  }

  /** Some entries from this one on cannot be looked at. */
  skip(index: number): void {
    this.isWhole = false;
    this.index.skip(index);
  }

  /** @param leaf its hash in the tree */
  look(file: string, index: number, entry: ExaminedEntry, leaf: Uint8Array): void {
    const { body, integratedTime, indexKeys, signedEntryTimestamp } = entry;
    if (integratedTime < this.newestTime)
      this.findings.add(file, `entry ${index}: its time is before that of the entry before it`);
    this.newestTime = Math.max(this.newestTime, integratedTime);
    this.index.expect(index, indexKeys, encodeHex(leaf));
    if (body === undefined) return;
    const logIndex = this.offset + index;
    const promise = { body: encodeBase64(body), integratedTime, logId: this.key.logId, logIndex };
    if (!verifyInclusionPromise(promise, signedEntryTimestamp, this.key))
      this.findings.add(file, `entry ${index}: its promise does not hold`);
    const keys = indexKeysIfHelm(body);
    if (keys !== undefined && !sameTexts(keys, indexKeys))
      this.findings.add(file, `entry ${index}: its search keys are not those of the entry`);
  }
}

/** Whether these are the same texts, in any order. */
function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return equalBytes(Buffer.from([...a].sort().join('\n')), Buffer.from([...b].sort().join('\n')));
}
