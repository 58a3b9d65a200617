import { expect, it } from 'vitest';
import { Comparisons } from '../../src/history/comparisons.ts';
import { addCheckpoint } from '../../src/history/seen-tree.ts';
import type { LogView } from '../../src/log-view/log-view.ts';
import { needsProof } from '../../src/tlog/consistency-proof.ts';
import { checkConsistency } from '../../src/verification/consistency.ts';
import { head, keys, newCheckpoint, server } from './checkpoints.ts';

/** A view of a log that nobody can ask, as of one that was kept in a file. */
const view: LogView = {
  url: server,
  entries: () => Promise.resolve({ entries: [], unreadable: [] }),
  search: () => {
    throw new Error('nobody searches here');
  },
  consistency: (_, a, b) =>
    Promise.resolve(needsProof(a, b) ? { kind: 'not-asked', why: 'offline' } : { kind: 'not-needed' }),
  trees: () => Promise.resolve({ trees: [], answeredAt: undefined }),
};
const log = {
  url: server,
  keys: [keys.key],
  source: { kind: 'public-key-file', detail: 'log.pem' },
} as const;

it.each([
  ['is not linked where the log was not asked for its proof', 9, 'skipped', []],
  ['is linked where it is the one seen before', 5, 'passed', [5]],
] as const)('a checkpoint %s', async (_, size, outcome, linked) => {
  const seen = { trees: [addCheckpoint(undefined, newCheckpoint(5))], lost: [] };
  const comparisons = new Comparisons(
    () => seen,
    () => Promise.resolve({ trees: [], answeredAt: undefined }),
  );
  const { past, linkedTo } = await comparisons.of(head(size), server, { log, view });
  expect(checkConsistency(past).outcome).toBe(outcome);
  expect(linkedTo.map((each) => each.size)).toEqual(linked);
});
