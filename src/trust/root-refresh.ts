import { InputError, LogError } from '../errors.ts';
import { Deadline, limitsOf, type Limits } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import {
  lastAttempt,
  noteAttempt,
  readRefreshedRoot,
  writeRefreshedRoot,
  type RefreshedRoot,
} from './refreshed-root.ts';
import {
  isStale,
  refreshSigstoreRoot,
  rootOfRefresh,
  type Refreshed,
  type SigstoreRoot,
} from './sigstore-root.ts';
import type { RootCopy } from './trusted-log.ts';

/** What a refresh needs from its surroundings. */
export interface RefreshOptions {
  /** Base URL of the TUF repository, without a slash at the end. */
  readonly repository: string;
  /** Loads the root from which everything else is proven, as JSON text. */
  readonly loadTufRoot: () => Promise<string>;
  /** Where the copy of the last refresh is kept; undefined: nowhere. */
  readonly directory: string | undefined;
  readonly openHttp: () => Promise<HttpClient>;
  /** For a refresh that the user waits for. */
  readonly limits: Limits;
  readonly interrupted: AbortSignal;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Whether others may be able to write to what this run keeps, such as a cache of CI. */
  readonly isShared: boolean;
  /** Tells the user; lower case, no full stop. */
  readonly warn: (message: string) => void;
}

/** Milliseconds for which the refresh of an old copy may delay the end of a run. */
const PATIENCE = 5000;

/** Seconds between two refreshes that the user did not ask for. */
const PAUSE = 3600;

/** The ways in which a run may refresh its copy of Sigstore's trusted root. */
export class RootRefresh {
  readonly #options: RefreshOptions;

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /**
   * Refreshes the copy because the user asked for it. A signing config that cannot be fetched stays as it was, with a
   * warning.
   * @throws InputError if it cannot be kept
   * @throws LogError if the repository does not answer, or does not prove what it says; if only its signing config is not
   * what it lists, the trusted root is kept before
   */
  async update(): Promise<RefreshedRoot> {
    const { directory, now, warn } = this.#options;
    if (directory === undefined)
      throw new InputError('there is no directory for state', 'set HELM_SIGSTORE_HOME to an absolute path');
    await noteAttempt(directory, now());
    const { root, configFailure } = await this.#fetchPatiently();
    await writeRefreshedRoot(directory, root);
    if (configFailure?.code === 'LOG_ANSWER') throw configFailure;
    if (configFailure) warn(asItWas(configFailure));
    return root;
  }

  /**
   * Refreshes the copy because it lacks a key that a verdict needs, at most once an hour (where the time of
   * the last attempt can be kept). Undefined: the last attempt is too recent, or this one failed (with a
   * warning).
   */
  async forUnknownKey(): Promise<SigstoreRoot | undefined> {
    if (await this.#wasTriedLately()) return undefined;
    const { directory, warn } = this.#options;
    const canKeep = await this.#note();
    try {
      const { root, configFailure } = await this.#fetchPatiently();
      if (configFailure?.code === 'LOG_ANSWER') warn(asItWas(configFailure));
      if (canKeep && directory !== undefined) await writeRefreshedRoot(directory, root);
      return rootOfRefresh(root);
    } catch (error) {
      warn(`Sigstore's trusted root could not be refreshed: ${expectedFailure(error).message}`);
      return undefined;
    }
  }

  /**
   * Refreshes an old copy for later runs, at most once an hour and within five seconds (and `--timeout`), and
   * only where nobody else can write to it. A failure does not affect this run.
   */
  async forAge(copy: RootCopy): Promise<void> {
    const { directory, isShared, interrupted, limits, now } = this.#options;
    if (directory === undefined || isShared || !isStale(copy, now())) return;
    if ((await this.#wasTriedLately()) || !(await this.#note())) return;
    const all = Math.min(PATIENCE, limits.request);
    const deadline = new Deadline({ ...limitsOf(all), all }, interrupted);
    try {
      const { root } = await this.#fetch(deadline);
      await writeRefreshedRoot(directory, root);
    } catch (error) {
      expectedFailure(error);
    }
  }

  async #wasTriedLately(): Promise<boolean> {
    const { directory, now } = this.#options;
    const last = directory === undefined ? undefined : await lastAttempt(directory);
    return last !== undefined && last <= now() && now() - last < PAUSE;
  }

  /** Notes that a refresh is tried; false: the note cannot be written. */
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

  #fetchPatiently(): Promise<Refreshed> {
    const { limits, interrupted } = this.#options;
    return this.#fetch(new Deadline(limits, interrupted));
  }

  async #fetch(deadline: Deadline): Promise<Refreshed> {
    const { repository: url, loadTufRoot, openHttp, now } = this.#options;
    const root = await loadTufRoot();
    const known = await this.#known();
    const http = await openHttp();
    try {
      return await refreshSigstoreRoot({ url, root, http, deadline }, known, now());
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

/** What a user is told of a signing config that could not be refreshed. */
function asItWas({ message }: LogError): string {
  return `the signing config stays as it was: ${message}`;
}

/** The error, if it is one of network or files; a defect is thrown on. */
function expectedFailure(error: unknown): Error {
  if (error instanceof LogError || error instanceof InputError) return error;
  throw error;
}
