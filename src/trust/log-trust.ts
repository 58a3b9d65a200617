import type { RootRefresh } from './root-refresh.ts';
import { logOfRoot, type SigstoreRoot } from './sigstore-root.ts';
import type { TrustedLog } from './trusted-log.ts';

/** The trusted keys of the log of a run. Only those of Sigstore's own root are refreshed. */
export class LogTrust {
  #current: TrustedLog | undefined;
  readonly #refresh: RootRefresh;
  #refreshed: Promise<SigstoreRoot | undefined> | undefined;

  constructor(selected: TrustedLog | undefined, refresh: RootRefresh) {
    this.#current = selected;
    this.#refresh = refresh;
  }

  /** The keys known so far; undefined: none is trusted. */
  get current(): TrustedLog | undefined {
    return this.#current;
  }

  /** The keys for an entry of this log ID: if Sigstore's root does not know the ID, it is refreshed first, once. */
  async forLogId(logId: string): Promise<TrustedLog | undefined> {
    const trusted = this.#current;
    if (!trusted?.source.root || trusted.keys.some((key) => key.logId === logId)) return trusted;
    const root = await (this.#refreshed ??= this.#refresh.forUnknownKey());
    if (root) this.#current = logOfRoot(trusted.url, root, trusted.source.kind === 'trusted-root');
    return this.#current;
  }

  /** Refreshes an old copy of Sigstore's root for later runs; to be called after this run's answer. */
  async afterwards(): Promise<void> {
    const copy = this.#current?.source.root;
    if (copy) await this.#refresh.forAge(copy);
  }
}
