import type { TableEntry } from './table-entry.ts';

/** What Helm calls, and no user: it is in no help. */
export const HIDDEN_COMMANDS: readonly TableEntry[] = [
  {
    path: ['getter'],
    summary: 'fetch for Helm what lies behind sigstore+https:// and the like',
    load: async () => (await import('../commands/getter.ts')).getter,
  },
];
