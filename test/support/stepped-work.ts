import { backUpLog } from '../../src/embedded-log/back-up.ts';
import { restoreLog } from '../../src/embedded-log/restore-log.ts';

const warn = () => undefined;

/** What `stepping-worker.ts` does, by name. */
export const STEPS: Readonly<Record<string, (...args: readonly string[]) => Promise<unknown>>> = {
  backup: (directory = '', to = '') => backUpLog(directory, to, { withKey: true, warn }),
  restore: (from = '', directory = '') => restoreLog(from, directory),
};
