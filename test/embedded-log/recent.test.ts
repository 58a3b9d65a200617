import { describe, expect, it } from 'vitest';
import { Recent } from '../../src/embedded-log/recent.ts';

describe('Recent', () => {
  it('forgets what was not used for the longest time', () => {
    const recent = new Recent<string>(2);
    recent.keep('a', 'A');
    recent.keep('b', 'B');
    expect(recent.find('a')).toBe('A');
    recent.keep('c', 'C');
    expect(['a', 'b', 'c'].map((name) => recent.find(name))).toEqual(['A', undefined, 'C']);
  });

  it('makes a value once, and keeps nothing of what throws', () => {
    const recent = new Recent<string>(2);
    const fail = () => {
      throw new Error('not made');
    };
    expect(() => recent.get('a', fail)).toThrow('not made');
    expect(recent.get('a', () => 'A')).toBe('A');
    expect(recent.get('a', fail)).toBe('A');
  });

  it('keeps values up to a size together, and one that is larger not at all', () => {
    const recent = new Recent<string, number>(10, ({ length }) => length);
    recent.keep(1, 'four');
    recent.keep(2, 'four');
    recent.keep(3, 'longer than all');
    expect([1, 2, 3].map((name) => recent.find(name))).toEqual(['four', 'four', undefined]);
    recent.keep(4, 'sixsix');
    expect([1, 2, 4].map((name) => recent.find(name))).toEqual([undefined, 'four', 'sixsix']);
  });

  it('counts a value that takes the place of another one once', () => {
    const recent = new Recent<string>(10, ({ length }) => length);
    for (let time = 0; time < 20; time++) recent.keep('a', 'eight888');
    recent.keep('b', '22');
    expect([recent.find('a'), recent.find('b')]).toEqual(['eight888', '22']);
    recent.keep('a', 'a value that is too long');
    expect(recent.find('a')).toBeUndefined();
    recent.keep('c', 'eight888');
    expect([recent.find('b'), recent.find('c')]).toEqual(['22', 'eight888']);
  });
});
