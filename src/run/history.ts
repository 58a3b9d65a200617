import { join } from 'node:path';
import type { HistoryOptions } from '../history/history-store.ts';
import { LogHistory } from '../history/log-history.ts';
import { conflictText } from '../render/conflict-text.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { Context, RunContext } from './context.ts';
import { stateDirectory } from './directories.ts';

/** Where the history of logs is; undefined where there is no place for state. */
export function historyDirectory(context: Context): string | undefined {
  const state = stateDirectory(context);
  return state && join(state, 'history');
}

/**
 * The history of the log, in the state directory. A key that is trusted for one run only leaves nothing there.
 * @param log undefined: no key of the log is trusted, so it has no history
 */
export async function openHistory(
  log: TrustedLog | undefined,
  context: Context & Pick<RunContext, 'policy'>,
): Promise<LogHistory> {
  return await LogHistory.open(log, {
    ...historyOptions(context),
    mayWrite: log?.source.kind !== 'first-use',
  });
}

/** Where history is, and how a run hears of it. */
export function historyOptions(context: Context & Pick<RunContext, 'policy'>): HistoryOptions {
  const { now, stderr } = context;
  return {
    directory: historyDirectory(context),
    checkpoints: context.policy?.checkpoints ?? [],
    mayWrite: true,
    now,
    warn: (warning) => {
      stderr.warn(warning);
    },
    report: (conflict) => {
      stderr.print(conflictText(conflict));
    },
  };
}
