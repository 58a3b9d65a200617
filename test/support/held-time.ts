import { setImmediate } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';

/** Turns of the event loop in which what was sent to this same process arrives. */
const TURNS = 10;

/**
 * From now to the end of the test no time passes for the program, but when it is told to; files and sockets go on. So a
 * machine that is busy cannot make anything late.
 */
export function holdTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Lets so many milliseconds pass, and what was sent before arrive. */
export async function pass(milliseconds: number): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
  await vi.advanceTimersByTimeAsync(milliseconds);
}

/**
 * Lets time pass until the work has ended, a step at a time.
 * @param step in milliseconds
 * @param meanwhile is done before each
 * @returns what the work gives. @throws what it throws
 */
export async function passUntil<T>(
  work: Promise<T>,
  step: number,
  meanwhile: () => unknown = () => undefined,
): Promise<T> {
  const over = new AbortController();
  const end = () => {
    over.abort();
  };
  work.then(end, end);
  while (!over.signal.aborted) {
    meanwhile();
    await pass(step);
  }
  return await work;
}
