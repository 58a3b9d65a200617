import { InputError, RejectedError } from '../../errors.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { BackedUpLog } from './back-up.ts';
import type { LogContents } from '../log/contents.ts';
import { KnownEntries, type KeptEntries } from './known-entries.ts';
import { withRestored, type RestoredOptions } from './open-restored.ts';
import type { StoredEntry } from '../journal/record.ts';
import { largestOf, logOf, requireSameTree } from './resume-log.ts';

/** What a log has after entries were put back. */
export interface PutBackLog extends BackedUpLog {
  /** How many were. */
  readonly added: number;
  /** How many entries of the evidence are of other logs, or of another tree. */
  readonly others: number;
  /** The size of the largest checkpoint in the evidence; 0 without any. */
  readonly known: number;
  /** How many entries have a promise and are in no checkpoint that is known: they are lost. */
  readonly beyond: number;
}

/**
 * Puts the entries back that a restored log lacks, with the promises and times that clients have. Nothing is signed before size and
 * root are those of a checkpoint of the evidence; that checkpoint becomes the newest one of the log.
 * @throws InputError when entries before that checkpoint are in no evidence; RejectedError when something contradicts what the log
 * signed. Then nothing is changed
 */
export async function putBackEntries(
  directory: string,
  evidence: AsyncIterable<KeptEntries>,
  options: RestoredOptions,
): Promise<PutBackLog> {
  return await withRestored(directory, options, async ({ store, contents }) => {
    const before = contents.head.size;
    const known = new KnownEntries(store.signer.key, contents);
    for await (const file of evidence) known.add(file);
    const { checkpoints, others } = known;
    requireSameTree(checkpoints, contents);
    const newest = largestOf(checkpoints);
    const size = newest?.head.size ?? 0;
    if (newest !== undefined && size > before) {
      const entries = missingEntries(known, before, size);
      requireOrder(entries, contents, before);
      for (const { body } of entries) contents.tree.append(leafHash(body));
      requireSameTree(checkpoints, contents);
      const batch = { entries, checkpoint: newest.head.text };
      await store.append(batch);
      contents.publish(batch);
    }
    const { head } = contents;
    return {
      ...logOf(contents, store),
      ...{ added: head.size - before, others, known: size, beyond: known.countFrom(head.size) },
    };
  });
}

/** @throws InputError that names those that nobody has */
function missingEntries(known: KnownEntries, from: number, to: number): StoredEntry[] {
  const entries: StoredEntry[] = [];
  const gaps: [number, number][] = [];
  for (let index = from; index < to; index++) {
    const entry = known.at(index);
    if (entry !== undefined) entries.push(entry);
    else if (gaps.at(-1)?.[1] === index - 1) gaps.push([gaps.pop()?.[0] ?? index, index]);
    else gaps.push([index, index]);
  }
  if (gaps.length === 0) return entries;
  const named = gaps
    .slice(0, MOST_NAMED)
    .map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`))
    .join(', ');
  throw new InputError(
    `the evidence has a checkpoint of ${to} entries, and not all that the log lacks of them: ` +
      `entries ${named}${gaps.length > MOST_NAMED ? ' and others' : ''} are in none of it`,
    'nothing was changed; look for the evidence of those charts (CHART.tgz.rekor.json) where they are published, mirrored or attached',
  );
}

const MOST_NAMED = 10;

/** Times never go backwards. @throws RejectedError */
function requireOrder(entries: readonly StoredEntry[], { newestTime }: LogContents, from: number): void {
  let latest = newestTime;
  entries.forEach(({ integratedTime }, at) => {
    if (integratedTime < latest)
      throw new RejectedError(
        `entry ${from + at} of the evidence has a time before that of the entry before it, which this log never promises`,
        'nothing was changed',
      );
    latest = integratedTime;
  });
}
