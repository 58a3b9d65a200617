import { join } from 'node:path';
import { timeoutsWithin } from '../http/exchange.ts';
import { loadTufRoot } from '../trust/public-good.ts';
import { refreshedRootPath } from '../trust/refreshed-root.ts';
import { RootRefresh } from '../trust/root-refresh.ts';
import type { Context } from './context.ts';
import { stateDirectory } from './directories.ts';
import { openHttp } from './http.ts';
import type { Settings } from './settings.ts';

/** The directory of the refreshed copy of Sigstore's trusted root; undefined where there is no place for state. */
export function refreshedRootDirectory(context: Context): string | undefined {
  const state = stateDirectory(context);
  return state && join(state, 'trust');
}

/** The path of that copy, whether there is one or not. */
export function refreshedCopyPath(context: Context): string | undefined {
  const directory = refreshedRootDirectory(context);
  return directory && refreshedRootPath(directory);
}

/**
 * How Sigstore's trusted root is refreshed in this run.
 * @param caFile path of a file with the certificate authorities of the mirror; undefined: those of Node
 * @throws UsageError when the mirror or the time limit that the settings name cannot be one
 */
export function openRootRefresh(
  settings: Settings,
  context: Context,
  caFile: string | undefined,
): RootRefresh {
  const { env, interrupted, now, stderr } = context;
  return new RootRefresh({
    repository: settings.tufMirror,
    loadTufRoot,
    directory: refreshedRootDirectory(context),
    openHttp: (timeouts) => openHttp(context, timeouts, caFile),
    timeouts: timeoutsWithin(settings.timeout),
    interrupted,
    now,
    isShared: Boolean(env['CI']),
    warn: (message) => {
      stderr.write(`Warning: ${message}\n`);
    },
  });
}
