import type { OpenedLog } from '../run/log.ts';
import type { Asking } from '../services/service-request.ts';
import type { TrustedKeys } from './compare-head.ts';
import type { AgreedHead } from './compare-trees.ts';
import type { Pass } from './pass.ts';
import type { WatchedTree } from './state.ts';

/** What a pass by tiles works with. */
export interface TilePass {
  readonly pass: Pass;
  readonly log: OpenedLog;
  readonly keys: TrustedKeys;
  /** For one request and its repetitions. */
  readonly asking: () => Asking;
  /** How many entries are looked at. */
  readonly most: number;
  readonly onProgress: (examined: number, size: number) => void;
}

/** What a pass saw of a tree. */
export interface SeenOfTree extends Pick<WatchedTree, 'name' | 'examined' | 'from'> {
  readonly size: number;
}

/** The tree as it is to be followed: from its end on, where nobody wants to know what it has by now. */
export function startOf({ past, head, tree }: AgreedHead, pass: Pass): WatchedTree {
  if (!pass.startsNow || past.kind !== 'first' || head.size === 0) return tree;
  const started = { ...tree, examined: head.size, from: head.size };
  pass.setTree(started);
  return started;
}
