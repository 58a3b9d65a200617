import { limitsOf } from '../../src/http/deadline.ts';
import { PUBLIC_LOG } from '../../src/trust/public-good.ts';
import { RootRefresh, type RefreshOptions } from '../../src/trust/root-refresh.ts';
import { testClient } from '../http/client.ts';
import { newLogKeys, type LogKeyPair } from './log-keys.ts';
import { trustedRoot } from './trusted-root.ts';
import { TufRepository } from './tuf-repository.ts';

/** A TUF repository that serves a trusted root with a new key of the public log. */
export interface RootRepository {
  readonly repository: TufRepository;
  readonly keys: LogKeyPair;
}

export async function startRootRepository(): Promise<RootRepository> {
  const keys = newLogKeys['P-256']();
  const content = trustedRoot([{ url: PUBLIC_LOG, keys, validFor: { start: 0 } }]);
  return { repository: await TufRepository.start(content), keys };
}

/** A refresh from that repository, and what it tells the user. */
export function refreshFrom(
  { url, firstRoot }: { readonly url: string; readonly firstRoot: string },
  options: Partial<RefreshOptions> & Pick<RefreshOptions, 'directory'>,
): { readonly refresh: RootRefresh; readonly warnings: string[] } {
  const warnings: string[] = [];
  const refresh = new RootRefresh({
    repository: url,
    loadTufRoot: () => Promise.resolve(firstRoot),
    openHttp: () => Promise.resolve(testClient()),
    limits: limitsOf(5000),
    interrupted: new AbortController().signal,
    now: () => Math.floor(Date.now() / 1000),
    isShared: false,
    warn: (message) => warnings.push(message),
    ...options,
  });
  return { refresh, warnings };
}
