import { describe, expect, it } from 'vitest';
import { checkLogTime, type Sighting } from '../../src/verification/log-time.ts';

const NOW = 1_795_611_600;
const HOUR = 3600;
const signed = NOW - 100 * HOUR;

const at = (integratedTime: number, sightings: readonly Sighting[] = []) =>
  checkLogTime({ integratedTime, index: 40 }, { signed, now: NOW, sightings });

describe('the time of an entry is believed', () => {
  it.each([
    ['between its signature and now', NOW - HOUR, []],
    ['a little ahead of this clock', NOW + 300, []],
    ['a little before its signature', signed - 300, []],
    ['before a moment when the tree was seen with it', NOW - HOUR, [{ size: 41, seen: NOW }]],
    ['a little before the tree was seen without it', NOW - 300, [{ size: 40, seen: NOW }]],
  ])('%s', (_, time, sightings) => {
    expect(at(time, sightings).outcome).toBe('passed');
  });
});

describe('the time of an entry is not believed', () => {
  it.each([
    ['in the future', NOW + 301, []],
    ['before its signature', signed - 301, []],
    ['before the tree was seen without it', NOW - 301, [{ size: 40, seen: NOW }]],
    ['before the tree was there', NOW - HOUR, [{ size: -5, seen: NOW }]],
    [
      'before the latest of several such moments',
      NOW - 3 * HOUR,
      [
        { size: 5, seen: NOW - 4 * HOUR },
        { size: 30, seen: NOW - 2 * HOUR },
        { size: 50, seen: NOW - HOUR },
      ],
    ],
  ])('%s', (_, time, sightings) => {
    expect(at(time, sightings).outcome).toBe('failed');
  });
});
