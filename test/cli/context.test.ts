import { afterEach, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

const ours = () =>
  SIGNALS.flatMap((signal) =>
    process.listeners(signal).filter((each) => !before.get(signal)?.includes(each)),
  );

afterEach(() => {
  for (const signal of SIGNALS) for (const each of ours()) process.removeListener(signal, each);
});

test.each(SIGNALS)('the first signal interrupts, any second one is left to the system: %s', (signal) => {
  const { interrupted } = processContext();
  expect(ours()).toHaveLength(SIGNALS.length);
  for (const listener of process.listeners(signal)) if (ours().includes(listener)) listener(signal);
  expect(interrupted.aborted).toBe(true);
  expect(ours()).toEqual([]);
});
