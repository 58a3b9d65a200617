import { describe, expect, test, vi } from 'vitest';
import { ExchangeFailure } from '../../src/http/failure.ts';
import { holdTime } from '../support/held-time.ts';
import { testDeadline } from './client.ts';

describe('a deadline', () => {
  test('ends a wait whether the work reacts or not, and says why', async () => {
    const deaf = () => new Promise<never>(() => undefined);
    await expect(testDeadline({ all: 20 }).hold(deaf)).rejects.toThrow('the time for all requests is up');
    const user = new AbortController();
    const held = testDeadline({}, user.signal).hold(deaf);
    user.abort();
    await expect(held).rejects.toThrow('interrupted');
    const closed = new AbortController();
    const paused = testDeadline().pause(60_000, closed.signal);
    closed.abort();
    await expect(paused).rejects.toThrow('interrupted');
  });

  test('that is over, or interrupted before, begins no work', async () => {
    let began = 0;
    const work = () => Promise.resolve(began++);
    const over = testDeadline({ all: 0 });
    await expect(over.hold(work)).rejects.toThrow('the time for all requests is up');
    await expect(testDeadline({}, AbortSignal.abort()).hold(work)).rejects.toThrow('interrupted');
    expect(began).toBe(0);
  });

  test('lets work end with what it has, and leaves no timer and no listener behind', async () => {
    holdTime();
    const user = new AbortController();
    const deadline = testDeadline({ all: 60_000 }, user.signal);
    let signal: AbortSignal | undefined;
    const held = await deadline.hold((wait) => {
      signal = wait.signal;
      wait.limit(60_000, () => new ExchangeFailure('LOG_UNREACHABLE', 'never', false));
      return Promise.resolve('done');
    });
    await expect(deadline.hold(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
    user.abort();
    expect(held).toBe('done');
    expect(signal?.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('starts no timer for work that goes on in vain', async () => {
    holdTime();
    let late: () => void = () => undefined;
    const held = testDeadline({ all: 10 }).hold(async (wait) => {
      await new Promise<void>((resolve) => (late = resolve));
      wait.limit(60_000, () => new ExchangeFailure('LOG_UNREACHABLE', 'never', false));
    });
    const over = expect(held).rejects.toThrow('the time');
    await vi.advanceTimersByTimeAsync(10);
    await over;
    late();
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is kept by many who wait at once without a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const user = new AbortController();
    const deadline = testDeadline({}, user.signal);
    const waits = Array.from({ length: 100 }, () => deadline.pause(60_000));
    user.abort();
    const ends = await Promise.allSettled(waits);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
