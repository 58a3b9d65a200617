import { InputError, LogError } from '../errors.ts';
import { timeoutsWithin, type Timeouts } from '../http/exchange.ts';
import { networkBudget, type HttpClient } from '../http/request.ts';
import {
  lastAttempt,
  noteAttempt,
  readRefreshedRoot,
  writeRefreshedRoot,
  type RefreshedRoot,
} from './refreshed-root.ts';
import { isStale, refreshSigstoreRoot, rootOfRefresh, type SigstoreRoot } from './sigstore-root.ts';
import type { RootCopy } from './trusted-log.ts';

/** What a refresh needs from its surroundings. */
export interface RefreshOptions {
  /** Base URL of the TUF repository, without a slash at the end. */
  readonly repository: string;
  /** Loads the root from which everything else is proven, as JSON text. */
  readonly loadTufRoot: () => Promise<string>;
  /** Where the copy of the last refresh is kept; undefined: nowhere. */
  readonly directory: string | undefined;
  readonly openHttp: (timeouts: Timeouts) => Promise<HttpClient>;
  /** For a refresh that the user waits for. */
  readonly timeouts: Timeouts;
  readonly interrupted: AbortSignal;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Whether others may be able to write what this run keeps, as in caches of CI. */
  readonly isShared: boolean;
  /** Tells the user; lower case, no full stop. */
  readonly warn: (message: string) => void;
}

/** Milliseconds that a refresh for age may keep a run from ending. */
const PATIENCE = 5000;

/** Seconds in which no second refresh is tried without being asked for. */
const PAUSE = 3600;

/** The ways in which a run may refresh its copy of Sigstore's trusted root. */
export class RootRefresh {
  readonly #options: RefreshOptions;

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /**
   * Refreshes the copy because the user asked for it.
   * @throws InputError if it cannot be kept
   * @throws LogError if the repository does not answer, or does not prove what it says
   */
  async update(): Promise<RefreshedRoot> {
    const { directory, now } = this.#options;
    if (directory === undefined)
      throw new InputError('there is no directory for state', 'set HELM_SIGSTORE_HOME to an absolute path');
    await noteAttempt(directory, now());
    const root = await this.#fetchPatiently();
    await writeRefreshedRoot(directory, root);
    return root;
  }

  /**
   * Refreshes the copy because the keys in it do not suffice for a verdict, at most once an hour (where that can be
   * noted). Undefined: it was not to be, or failed, which the user is told.
   */
  async forUnknownKey(): Promise<SigstoreRoot | undefined> {
    if (await this.#wasTriedLately()) return undefined;
    const { directory, warn } = this.#options;
    const canKeep = await this.#note();
    try {
      const root = await this.#fetchPatiently();
      if (canKeep && directory !== undefined) await writeRefreshedRoot(directory, root);
      return rootOfRefresh(root);
    } catch (error) {
      warn(`Sigstore's trusted root could not be refreshed: ${expectedFailure(error).message}`);
      return undefined;
    }
  }

  /**
   * Refreshes a copy that is old for the runs to come, at most once an hour, within five seconds, and only where it
   * can be kept to oneself. Whether it works is no matter of this run.
   */
  async forAge(copy: RootCopy): Promise<void> {
    const { directory, isShared, interrupted, now } = this.#options;
    if (directory === undefined || isShared || !isStale(copy, now())) return;
    if ((await this.#wasTriedLately()) || !(await this.#note())) return;
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), interrupted]);
    try {
      await writeRefreshedRoot(directory, await this.#fetch(timeoutsWithin(PATIENCE), signal));
    } catch (error) {
      expectedFailure(error);
    }
  }

  async #wasTriedLately(): Promise<boolean> {
    const { directory, now } = this.#options;
    const last = directory === undefined ? undefined : await lastAttempt(directory);
    return last !== undefined && last <= now() && now() - last < PAUSE;
  }

  /** Notes that a refresh is tried; false: nothing can be kept. */
  async #note(): Promise<boolean> {
    const { directory, now } = this.#options;
    if (directory === undefined) return false;
    try {
      await noteAttempt(directory, now());
      return true;
    } catch (error) {
      expectedFailure(error);
      return false;
    }
  }

  #fetchPatiently(): Promise<RefreshedRoot> {
    const { timeouts, interrupted } = this.#options;
    return this.#fetch(timeouts, networkBudget(timeouts, interrupted));
  }

  async #fetch(timeouts: Timeouts, signal: AbortSignal): Promise<RefreshedRoot> {
    const { repository: url, loadTufRoot, openHttp, now } = this.#options;
    const root = await loadTufRoot();
    const known = await this.#known();
    const http = await openHttp(timeouts);
    try {
      return await refreshSigstoreRoot({ url, root, http, signal }, known, now());
    } finally {
      http.close();
    }
  }

  /** The last refresh. One that cannot be read will be replaced. */
  async #known(): Promise<RefreshedRoot | undefined> {
    const { directory } = this.#options;
    try {
      return directory === undefined ? undefined : await readRefreshedRoot(directory);
    } catch (error) {
      expectedFailure(error);
      return undefined;
    }
  }
}

/** The error, if it is one of network or files; a defect is thrown on. */
function expectedFailure(error: unknown): Error {
  if (error instanceof LogError || error instanceof InputError) return error;
  throw error;
}
