import type { KeptConflict } from '../verification/consistency.ts';
import { lines } from './chart-text.ts';

/** Two checkpoints that contradict each other, in full, for stderr. */
export function conflictText({ before, now, reason, path }: KeptConflict): string {
  return lines([
    `Warning: ${reason}`,
    'Checkpoint Seen Before:',
    ...noteLines(before.checkpoint),
    'Checkpoint Seen Now:',
    ...noteLines(now.checkpoint),
    ...(path === undefined ? [] : [`Both Kept In: ${path}`]),
  ]);
}

/** All of a run for JSON; nothing where there are none. */
export function conflictMembers({
  conflicts,
}: {
  readonly conflicts: readonly KeptConflict[];
}): Record<string, unknown> {
  if (conflicts.length === 0) return {};
  return {
    conflicts: conflicts.map(({ before, now, reason, path }) => ({
      reason,
      before: before.checkpoint,
      now: now.checkpoint,
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
