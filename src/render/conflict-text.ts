import type { KeptConflict } from '../history/conflict-files.ts';

/** Two checkpoints that contradict each other, in full, for stderr. */
export function conflictText({ before, now, reason, path }: KeptConflict): string[] {
  return [
    `Warning: ${reason}`,
    'Checkpoint Seen Before:',
    ...noteLines(before.note),
    'Checkpoint Seen Now:',
    ...noteLines(now.note),
    ...(path === undefined ? [] : [`Both Kept In: ${path}`]),
  ];
}

/** All conflicts of a run, for JSON; an empty object without conflicts. */
export function conflictMembers({
  conflicts,
}: {
  readonly conflicts: readonly KeptConflict[];
}): Record<string, unknown> {
  if (conflicts.length === 0) return {};
  return {
    conflicts: conflicts.map(({ before, now, reason, path }) => ({
      reason,
      before: before.note,
      now: now.note,
      ...(path !== undefined && { path }),
    })),
  };
}

function noteLines(checkpoint: string): string[] {
  return checkpoint
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`));
}
