import { LogError } from '../errors.ts';
import { timeoutsWithin } from '../http/exchange.ts';
import { HttpClient, networkBudget } from '../http/request.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { RekorClient } from '../rekor/client.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { Context } from './context.ts';
import type { Settings } from './settings.ts';

/** The log of a run: how to talk to it, and which of its keys to believe. */
export interface OpenedLog {
  readonly server: BaseUrl;
  /** Undefined: no key of this log is trusted, so nothing that it says can be believed. */
  readonly trusted: TrustedLog | undefined;
  /** A client whose requests together may take five times as long as one; connections are shared. */
  connect(): RekorClient;
  close(): void;
}
