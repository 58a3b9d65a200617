import { describe, expect, it } from 'vitest';
import { MalformedError } from '../src/errors.ts';
import { expectLinear } from './support/linear.ts';

const blanks = (size: number): string => ' '.repeat(size) + 'x';
const lines = (size: number): string => 'ab\n'.repeat(size);

/** Takes one line after the other off the front, and copies what is left each time. */
function countLinesByCopying(text: string): number {
  let rest = Buffer.from(text);
  let count = 0;
  while (rest.length > 0) {
    rest = Buffer.from(rest.subarray(rest.indexOf(10) + 1));
    count++;
  }
  return count;
}

// Quadratic work is measured several times before it counts as such: that takes long on a loaded machine.
describe('the measure of work', { timeout: 180_000 }, () => {
  it.each([
    ['one expression that starts once', blanks, (text: string) => /^[ ]*y/.test(text)],
    ['lines that are split', lines, (text: string) => text.split('\n').length],
    ['text that is replaced', blanks, (text: string) => text.replaceAll(' ', '').length],
    ['numbers that are sorted', lines, (text: string) => text.split('\n').sort().length],
  ])('takes linear work: %s', async (_, makeInput, work) => {
    await expect(expectLinear(makeInput, work)).resolves.toBeUndefined();
  });

  it.each([
    ['an expression that is tried from every blank', blanks, (text: string) => / +$/.test(text)],
    ['the rest, which is copied for every line', lines, countLinesByCopying],
    ['a look at all that came before', lines, seenBefore],
  ])('finds quadratic work: %s', async (_, makeInput, work) => {
    await expect(expectLinear(makeInput, work, { size: 60_000 })).rejects.toThrow(
      /expected .* found .* ms of CPU/,
    );
  });

  describe('decides what is near the border by a larger input', () => {
    /** A measure by which work for an input of this size takes so many milliseconds. */
    const taking = (milliseconds: (size: number) => number) => ({
      size: 1000,
      cost: async <T>(_work: (input: T) => unknown, input: T, times = 1): Promise<number> =>
        Promise.resolve(times * milliseconds(Number(input))),
    });
    const measured = async (milliseconds: (size: number) => number): Promise<void> => {
      await expectLinear((size) => size, String, taking(milliseconds));
    };

    it('noise that the full size alone meets is none there', async () => {
      await expect(measured((size) => (size === 1000 ? 170 : size / 10))).resolves.toBeUndefined();
      await expect(measured((size) => (size < 1000 ? size / 30 : size / 10))).resolves.toBeUndefined();
    });

    it.each([0.6, 1, 2, 10])('a part that grows with the square, %f of the rest, is found', async (part) => {
      await expect(measured((size) => size / 10 + part * (size / 100) ** 2)).rejects.toThrow('ms of CPU');
    });

    it('what is long or far beyond the border needs none', async () => {
      const asked = new Set<number>();
      const square = (size: number): number => {
        asked.add(size);
        return (size / 100) ** 2;
      };
      await expect(measured(square)).rejects.toThrow('at most 15 times the work, found 100 times');
      await expect(measured((size) => (asked.add(size), size === 1000 ? 3000 : size))).rejects.toThrow(
        '30 times',
      );
      expect(Math.max(...asked)).toBe(1000);
    });
  });

  it('measures an input that is refused like one that is taken', async () => {
    const refuse = (text: string): never => {
      countLinesByCopying(text);
      throw new MalformedError('not a list');
    };
    await expect(expectLinear(lines, refuse, { size: 60_000 })).rejects.toThrow('ms of CPU');
    await expect(
      expectLinear(lines, () => Promise.reject(new MalformedError('none'))),
    ).resolves.toBeUndefined();
  });

  it('passes on what is no refusal', async () => {
    const crash = (): never => {
      throw new TypeError('cannot read');
    };
    await expect(expectLinear(lines, crash)).rejects.toThrow(TypeError);
  });
});

function seenBefore(text: string): number {
  const seen: string[] = [];
  for (const [index, line] of text.split('\n').entries())
    if (!seen.includes(`${line}${index}`)) seen.push(`${line}${index}`);
  return seen.length;
}
