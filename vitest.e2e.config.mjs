import { defineConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

/** Where CI wants a report in JSON. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    reporters: ['default', new SkippedReporter(), ...(report ? ['json'] : [])],
    ...(report && { outputFile: { json: report } }),
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: 'test/e2e/global-setup.ts',
    // A Helm needs its time, and the log's messages are compared to the byte.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
