import { encodeHex, formatTime } from '../encoding.ts';
import type { TreeReport } from '../verification/listed-tree.ts';
import { checkMembers } from './json.ts';

/**
 * The trees of a log.
 * @param server the log's URL
 * @param trustedBy why its keys are trusted, in words
 */
export function logInfoText(trees: readonly TreeReport[], server: string, trustedBy: string): string[] {
  return [
    `Rekor Server: ${server}`,
    `Trusted By: ${trustedBy}`,
    ...trees.flatMap(({ treeId, state, size, rootHash, report, lastSeen }) => [
      '',
      `Tree: ${treeId} (${state})`,
      `  Size: ${size}`,
      `  Root Hash: ${encodeHex(rootHash)}`,
      ...report.checks.map(({ id, outcome, detail }) => `  ${LABELS[id] ?? id}: ${outcome}: ${detail}`),
      ...(lastSeen ? [`  Last Seen: ${lastSeenInWords(lastSeen)}`] : []),
    ]),
  ];
}

/** The same for JSON. */
export function treeMembers({ rootHash, lastSeen, ...tree }: TreeReport): Record<string, unknown> {
  const { treeId, state, size, report } = tree;
  return {
    treeId,
    state,
    treeSize: size,
    rootHash: encodeHex(rootHash),
    checks: checkMembers(report.checks),
    ...(lastSeen && {
      lastSeen: {
        treeSize: lastSeen.size,
        ...(lastSeen.seen !== undefined && { time: formatTime(lastSeen.seen) }),
      },
    }),
  };
}

const LABELS: Readonly<Record<string, string>> = { checkpoint: 'Checkpoint', consistency: 'Consistency' };

function lastSeenInWords({ size, seen }: NonNullable<TreeReport['lastSeen']>): string {
  return `size ${size}${seen === undefined ? '' : ` at ${formatTime(seen)}`}`;
}
