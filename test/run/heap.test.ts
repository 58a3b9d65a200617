import { execFile } from 'node:child_process';
import { execPath, getBuiltinModule, versions } from 'node:process';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { growHeapSlowly, optimiseLater } from '../../src/run/heap.ts';

const setFlags = vi.spyOn(getBuiltinModule('node:v8'), 'setFlagsFromString').mockReturnValue();

afterEach(() => {
  setFlags.mockClear();
});

it('a run over many charts has code optimised ten times later', () => {
  optimiseLater('11.3.244.8-node.38');
  expect(setFlags.mock.calls).toEqual([['--interrupt-budget=675840']]);
});

it.each(['10.2.154.26-node.39', '12.4.254.21-node.33', '13.6.233.17-node.37'])(
  'V8 %s, for which that was not measured, gets no flag of which it might complain',
  (version) => {
    optimiseLater(version);
    expect(setFlags).not.toHaveBeenCalled();
  },
);

it('of all V8s the heap grows slowly when asked to', () => {
  growHeapSlowly();
  expect(setFlags.mock.calls).toEqual([['--optimize-for-size']]);
});

it('it is set where it is a tenth of that by itself', async () => {
  const { stdout } = await promisify(execFile)(execPath, ['--v8-options']);
  const [, budget] = /^ *--interrupt-budget .*\n.* default: --interrupt-budget=(\d+)$/m.exec(stdout) ?? [];
  optimiseLater();
  expect(setFlags.mock.calls.length).toBe(versions.v8.startsWith('11.') && budget === '67584' ? 1 : 0);
});
