import fc from 'fast-check';

/** Milliseconds that each property is tried for, in place of a number of runs: scripts/fuzz.mjs. */
const fuzzing = Number(process.env['FUZZ_MILLISECONDS'] ?? 0);
const UNLIMITED = 1_000_000_000;

if (fuzzing > 0)
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the types of what replaces it are not there yet
  fc.configureGlobal({ numRuns: UNLIMITED, interruptAfterTimeLimit: fuzzing });

/** So many runs of a property that needs more than the usual hundred; when fuzzing, as many as there is time for. */
export function runs(count: number): fc.Parameters<unknown> {
  return { numRuns: fuzzing > 0 ? UNLIMITED : count };
}
