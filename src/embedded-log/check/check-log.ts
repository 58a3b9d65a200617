import { join, resolve } from 'node:path';
import { encodeHex } from '../../encoding.ts';
import { InputError } from '../../errors.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { checkTree, type CheckedTree, type OnProgress } from './check-tree.ts';
import type { SignedTreeHead } from '../log/contents.ts';
import { Damages, type Damage } from './damages.ts';
import { requireNotRotating } from '../log/finish-rotation.ts';
import { requireLog } from '../log/found-log.ts';
import { FROZEN_DIRECTORY, FROZEN_LIST, sizeOfAll, type FrozenHead } from '../log/frozen-list.ts';
import { frozenTreesIn } from '../log/frozen-tree.ts';
import { stampOf } from './journal-stamp.ts';
import { JOURNAL } from '../journal/journal.ts';
import { logNameOf, treeIdOf } from '../log/origin.ts';

/** What a look at all files of a log found. */
export interface LogCheck {
  readonly directory: string;
  /** Of the tree that grows, as far as it could be read. */
  readonly log?: TreeSummary;
  /** The trees that were frozen before, the oldest first. */
  readonly frozen: readonly TreeSummary[];
  /** What is wrong; the first of them. */
  readonly findings: readonly Damage[];
  /** How many there are. */
  readonly count: number;
}

interface TreeSummary {
  readonly name: string;
  readonly treeId: string;
  readonly logId: string;
  readonly size: number;
  readonly rootHash: string;
}

/**
 * Looks at all of the directory of a log, without changing anything: entries, promises, times, hashes, index, checkpoints, of
 * the tree that grows and of those that were frozen. No server may use it meanwhile. Of a directory that was restored, only what a
 * backup has: a start makes the rest again.
 * @param onProgress is told of how many entries it has looked at in full tiles of a tree, and how many there are
 * @throws InputError when there is no log, or one of an older or later version, or it changed meanwhile
 */
export async function checkLog(
  directory: string,
  onProgress: OnProgress = () => undefined,
): Promise<LogCheck> {
  const home = resolve(directory);
  await requireNotRotating(home, directory);
  const path = join(home, JOURNAL);
  const before = await stampOf(path);
  const findings = new Damages(home);
  await requireLog(path, directory);
  const tree = await checkTree(home, findings, { onProgress });
  const heads = frozenHeads(tree, findings);
  for (const [at, head] of heads.entries()) {
    const place = join(FROZEN_DIRECTORY, head.treeId);
    const own = new Damages(join(home, place));
    await checkFrozen(join(home, place), own, {
      head,
      before: heads.slice(0, at),
      indexKey: tree.key,
      onProgress,
    });
    findings.include(place, own);
  }
  if ((await stampOf(path)) !== before)
    throw new InputError(
      `the log in ${directory} changed while it was looked at`,
      'stop its server first, or check a copy',
    );
  return {
    directory: home,
    ...(tree.read && { log: summaryOf(tree.read.contents.head, tree.key) }),
    frozen: heads.map((head) => summaryOf(head, head.key)),
    findings: findings.list,
    count: findings.count,
  };
}

function frozenHeads({ read, files, key }: CheckedTree, findings: Damages): FrozenHead[] {
  if (read === undefined) return [];
  const { header, contents } = read;
  try {
    return frozenTreesIn(files, { header, origin: contents.head.origin, key });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    findings.addError(FROZEN_LIST, error);
    return [];
  }
}

interface FrozenCheck {
  readonly head: FrozenHead;
  /** The trees before it. */
  readonly before: readonly FrozenHead[];
  /** The key of the log, which signs the index if that has to be made again. */
  readonly indexKey: LogKey;
  readonly onProgress: OnProgress;
}

async function checkFrozen(
  home: string,
  findings: Damages,
  { head, before, ...options }: FrozenCheck,
): Promise<void> {
  try {
    await requireLog(join(home, JOURNAL), home);
    const { read, key } = await checkTree(home, findings, options);
    if (read === undefined) return;
    if (key.logId !== head.key.logId) findings.add('public-key.pem', 'it is not the key of this tree');
    if (read.contents.head.text !== head.text || (read.header.offset ?? 0) !== sizeOfAll(before))
      findings.add(JOURNAL, `its end is not what was frozen, as ${FROZEN_LIST} has it`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    findings.addError(JOURNAL, error);
  }
}

function summaryOf({ origin, size, rootHash }: SignedTreeHead, { logId }: LogKey): TreeSummary {
  return {
    name: logNameOf(origin),
    treeId: treeIdOf(origin),
    logId,
    size,
    rootHash: encodeHex(rootHash),
  };
}
