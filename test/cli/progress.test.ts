import { describe, expect, it } from 'vitest';
import { startProgress } from '../../src/cli/progress.ts';
import { outputTo } from '../support/program.ts';

/** Shows a text at each of these times (the work begins at 100), and returns what the stream got. */
function written({ times, isTerminal = true }: { times: readonly number[]; isTerminal?: boolean }): string[] {
  const pieces: string[] = [];
  let time = 100;
  const stderr = outputTo((text) => pieces.push(text), isTerminal);
  const progress = startProgress({ stderr, now: () => time });
  for (time of times) progress.show(`at ${time}`);
  progress.clear();
  progress.clear();
  return pieces;
}

describe('progress', () => {
  it('is not shown of work that takes a second', () => {
    expect(written({ times: [100, 101] })).toEqual([]);
  });

  it('of longer work overwrites its line once a second, and leaves nothing behind', () => {
    expect(written({ times: [100, 101, 102, 102, 103] })).toEqual([
      '\r\u001b[Kat 102\r',
      '\r\u001b[Kat 103\r',
      '\r\u001b[K',
    ]);
  });

  it('is shown to nobody but a terminal', () => {
    expect(written({ times: [100, 110, 120], isTerminal: false })).toEqual([]);
  });
});
