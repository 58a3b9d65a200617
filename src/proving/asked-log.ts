import type { LogView } from '../log-view/log-view.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import type { Past } from '../verification/consistency.ts';

/** A log, and the view of it with the time that a chart has. */
export interface AskedLog {
  readonly log: OfflineLog;
  readonly view: LogView;
}

/**
 * What contradicts what was seen of the log before, if anything does: to be asked before it is said that the log has no
 * entry, as one that was rolled back has none.
 * @throws LogError as `LogHistory.conflictNow` does
 */
export async function conflictNow({ log, view }: AskedLog): Promise<Past | undefined> {
  const { trusted } = log;
  return trusted && (await log.history.conflictNow({ log: trusted, view }));
}
