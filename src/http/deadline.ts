import { setMaxListeners } from 'node:events';
import { ExchangeFailure } from './failure.ts';

/** Limits in milliseconds. */
export interface Limits {
  /** Until there is a connection to the server: name service, proxy and TLS included. */
  readonly connect: number;
  /** Between two pieces of an answer's body. */
  readonly idle: number;
  /** One request, from the first step to the last byte. */
  readonly request: number;
  /** All requests of one piece of work together, with the pauses between them. */
  readonly all: number;
}

/** The limits of work whose requests may take `timeout` milliseconds each. */
export function limitsOf(timeout: number): Limits {
  const short = Math.min(10_000, timeout);
  return { connect: short, idle: short, request: timeout, all: 5 * timeout };
}

/**
 * How long one piece of work (a chart, a refresh) may wait for the network, and the signal that ends it
 * early. It is a point in time, not a timer. Timers exist only during a `Wait` and belong to it, so no timer
 * is forgotten or keeps a run alive. `AbortSignal.any` is not used, because its source signals may be
 * garbage-collected too early.
 */
export class Deadline {
  readonly limits: Limits;
  readonly #interrupted: AbortSignal;
  readonly #end: number;

  /** @param interrupted aborted when the user wants the run to end */
  constructor(limits: Limits, interrupted: AbortSignal) {
    this.limits = limits;
    this.#interrupted = interrupted;
    this.#end = performance.now() + limits.all;
  }

  /**
   * The result of the work. When the time is up or the run is interrupted, the wait ends, even if the work
   * ignores the signal of its `Wait`.
   * @param closed a further signal that ends it
   * @throws ExchangeFailure when it did not end in time
   */
  async hold<T>(work: (wait: Wait) => Promise<T>, closed?: AbortSignal): Promise<T> {
    const wait = new Wait();
    const stop = () => {
      wait.end(interrupted());
    };
    const signals = closed ? [this.#interrupted, closed] : [this.#interrupted];
    for (const signal of signals) {
      // Every chart in work listens to the same signal: Node must not warn of many listeners.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', stop);
    }
    try {
      if (signals.some(({ aborted }) => aborted)) throw interrupted();
      const left = this.#end - performance.now();
      if (left <= 0) throw timeIsUp();
      wait.limit(left, timeIsUp);
      return await Promise.race([work(wait), wait.ended]);
    } catch (error) {
      // An error of aborted work only follows from the signal; the failure of the wait is the reason.
      throw wait.failure ?? error;
    } finally {
      wait.dispose();
      for (const signal of signals) signal.removeEventListener('abort', stop);
    }
  }

  /** Waits so many milliseconds. @throws ExchangeFailure when the deadline comes first */
  async pause(milliseconds: number, closed?: AbortSignal): Promise<void> {
    await this.hold((wait) => wait.sleep(milliseconds), closed);
  }
}

/** One wait, with its timers and the signal that ends what is waited for. It lives as long as `Deadline.hold`. */
export class Wait {
  readonly #controller = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Rejects when the wait is over before the work is. */
  readonly ended: Promise<never>;
  #failure: ExchangeFailure | undefined;
  #isOver = false;

  constructor() {
    this.ended = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => {
        reject(this.#failure ?? interrupted());
      });
    });
    // Without a handler, Node would report an unhandled rejection when nobody awaits this promise.
    this.ended.catch(() => undefined);
  }

  /** Aborted when the wait is over before the work is. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the wait is over before the work is. */
  get failure(): ExchangeFailure | undefined {
    return this.#failure;
  }

  /** Ends the wait, for the first reason that is given. */
  end(failure: ExchangeFailure): void {
    this.#failure ??= failure;
    this.#controller.abort(this.#failure);
  }

  /** Ends the wait after so many milliseconds, unless the timer is cleared, or refreshed, before. */
  limit(milliseconds: number, why: () => ExchangeFailure): NodeJS.Timeout {
    return this.#after(milliseconds, () => {
      this.end(why());
    });
  }

  /** Resolves after so many milliseconds. */
  async sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#after(milliseconds, resolve);
    });
  }

  /** Clears all timers. Work that still goes on cannot start new ones. */
  dispose(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #after(milliseconds: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(work, milliseconds);
    if (this.#isOver) clearTimeout(timer);
    else this.#timers.add(timer);
    return timer;
  }
}

function interrupted(): ExchangeFailure {
  return new ExchangeFailure('LOG_UNREACHABLE', 'interrupted', false);
}

function timeIsUp(): ExchangeFailure {
  return new ExchangeFailure(
    'LOG_UNREACHABLE',
    'the time for all requests is up',
    false,
    'give it more time with --timeout',
  );
}
