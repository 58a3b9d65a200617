import { describe, expect, test } from 'vitest';
import { backoff, retryAfter } from '../../src/http/retry.ts';

const date = 'Wed, 25 Nov 2026 13:00:00 GMT';
const wait = (headers: Record<string, string>) => retryAfter({ status: 429, headers });

describe('how long to wait', () => {
  test.each([
    ['seconds', { 'retry-after': '3' }, 3000],
    ['nothing', { 'retry-after': '0' }, 0],
    [
      'until a date, by the clock of the server',
      { 'retry-after': 'Wed, 25 Nov 2026 13:00:05 GMT', date },
      5000,
    ],
    ['until a date that is past', { 'retry-after': 'Wed, 25 Nov 2026 12:00:00 GMT', date }, 0],
    ['until a date, but the server does not say what time it is', { 'retry-after': date }, undefined],
    ['nonsense', { 'retry-after': 'soon', date }, undefined],
    ['a negative number', { 'retry-after': '-1' }, undefined],
    ['no header', {}, undefined],
  ])('Retry-After with %s', (_, headers, milliseconds) => {
    expect(wait(headers)).toBe(milliseconds);
  });

  test('without it, up to half a second, one second, two seconds', () => {
    const almost = () => 0.999;
    expect([1, 2, 3].map((tries) => Math.ceil(backoff(tries, almost)))).toEqual([500, 999, 1998]);
    expect(backoff(3, () => 0)).toBe(0);
  });
});
