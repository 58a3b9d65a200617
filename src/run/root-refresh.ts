import { limitsOf } from '../http/deadline.ts';
import { loadTufRoot } from '../trust/public-good.ts';
import { RootRefresh } from '../trust/root-refresh.ts';
import type { Context } from './context.ts';
import { openHttp } from './http.ts';
import { refreshedRootDirectory } from './refreshed-root-directory.ts';

/** Where Sigstore's trusted root is fetched from, and how. */
export interface RootSource {
  /** Base URL of the TUF repository. */
  readonly repository: string;
  /** Of one request, in milliseconds. */
  readonly timeLimit: number;
  /** Path of a file with the certificate authorities of the repository; undefined: those of Node. */
  readonly caFile?: string | undefined;
}

/** How Sigstore's trusted root is refreshed in this run. */
export function openRootRefresh(
  { repository, timeLimit, caFile }: RootSource,
  context: Context,
): RootRefresh {
  const { env, interrupted, now, stderr } = context;
  return new RootRefresh({
    repository,
    loadTufRoot,
    directory: refreshedRootDirectory(context),
    openHttp: () => openHttp(context, caFile),
    limits: limitsOf(timeLimit),
    interrupted,
    now,
    isShared: Boolean(env['CI']),
    warn: (message) => {
      stderr.warn(message);
    },
  });
}
