import type { MonitorEvent } from '../monitor/event.ts';

/** What a pass came to. */
export interface MonitoredPass {
  readonly server: string;
  readonly way: 'tiles' | 'index';
  /** What was looked at of each tree. */
  readonly trees: readonly {
    readonly name: string;
    readonly size: number;
    readonly examined: number;
    /** How many of those from the beginning nobody wanted to be looked at. */
    readonly from?: number | undefined;
  }[];
  readonly counts: Readonly<Record<MonitorEvent['event'], number>>;
  /** Whom certificates name that nobody vouches for, at most ten. */
  readonly claims: readonly string[];
  /** How many there are. */
  readonly claimed: number;
}

/** What a pass came to, for JSON. */
export function passMembers(pass: MonitoredPass): Record<string, unknown> {
  const { way, trees, counts, claimed, claims } = pass;
  return {
    way,
    complete:
      way === 'tiles' &&
      counts.behind + counts.conflict === 0 &&
      trees.every(({ size, examined, from }) => from === undefined && examined >= size),
    trees: trees.map(({ name, size, examined, from }) => ({
      treeId: name,
      treeSize: size,
      ...(way === 'tiles' && { examined }),
      ...(from !== undefined && { from }),
    })),
    counts,
    ...(claimed > 0 && { claimed, claims }),
  };
}

/** The last lines for people, on stderr. */
export function passText({ server, way, trees, counts }: MonitoredPass): string[] {
  const told = (['published', 'unknown', 'unlogged', 'conflict', 'behind'] as const).map(
    (name) => `${counts[name]} ${name}`,
  );
  return [
    ...trees.map(({ name, size, examined, from = 0 }) =>
      way === 'tiles'
        ? `${server}, tree ${name}: ${examined - from} of ${size} entries looked at, ${from > 0 ? `those from ${from} on` : 'all'} by their tiles`
        : `${server}, tree ${name}: ${size} entries, of which those were looked at that the index names`,
    ),
    ...(way === 'index' && trees.length > 0
      ? ['An index can leave out entries: what it does not name is not found (a best effort)']
      : []),
    told.join(', '),
  ];
}
