import { join } from 'node:path';
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
  const { now, stderr } = context;
  return await LogHistory.open(log, {
    directory: historyDirectory(context),
    checkpoints: context.policy?.checkpoints ?? [],
    mayWrite: log?.source.kind !== 'first-use',
    now,
    warn: (warning) => {
      stderr.warn(warning);
    },
    report: (conflict) => {
      stderr.print(conflictText(conflict));
    },
  });
}
