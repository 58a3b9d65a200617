/** Whether tests that take seconds each run as well, and all rows of long tables: in CI and by `npm run test:all`. */
export const isThorough = process.env['CI'] === 'true' || process.env['SLOW_TESTS'] === '1';
