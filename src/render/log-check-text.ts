import type { LogCheck } from '../embedded-log/check/check-log.ts';

/** What was found in the directory of a log, in lines. */
export function logCheckText({ directory, log, frozen, findings, count }: LogCheck): string[] {
  const about = log && [
    `Entries: ${log.size}`,
    `Tree ID: ${log.treeId}`,
    `Root: ${log.rootHash}`,
    `Log ID: ${log.logId}`,
  ];
  const more = count > findings.length ? [`and ${count - findings.length} more`] : [];
  return [
    `Checked ${directory}`,
    ...(about ?? []),
    ...frozen.map(
      ({ treeId, size, rootHash }) => `Frozen Tree: ${treeId}, ${size} entries, root ${rootHash}`,
    ),
    ...findings.map(({ file, problem }) => `Damaged: ${file}: ${problem}`),
    ...more,
    ...(count === 0 ? ['Undamaged'] : []),
  ];
}
