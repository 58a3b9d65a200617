import type { CommandDefinition } from '../run/command.ts';

/** A sub-command before its file is loaded: a run loads only what its command line names. */
export interface TableEntry {
  readonly path: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<CommandDefinition>;
  /** Whether it always asks the log. */
  readonly asksLog?: true;
  /** Whether every word behind it belongs to another program; its own options stand before it. */
  readonly passesWords?: true;
}
