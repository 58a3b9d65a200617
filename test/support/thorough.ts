/** Whether tests that take seconds each run as well, and all rows of long tables: in CI and by `npm run test:all`. */
export const isThorough = process.env['CI'] === 'true' || process.env['SLOW_TESTS'] === '1';

/** Whether tests that take minutes each run whole: by `npm run test:all` and `npm run test:crash`, not in CI. */
export const isExhaustive = process.env['SLOW_TESTS'] === '1';

/** All rows of a long table; where there is no time for them, the first and every so manieth after it. */
export function sampled<Row>(rows: readonly Row[], every: number): readonly Row[] {
  return isThorough ? rows : rows.filter((_, at) => at % every === 0);
}
