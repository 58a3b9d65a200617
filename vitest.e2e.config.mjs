import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './test/support/longest-first.ts';
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
    // No file touches what another one uses, and Helm waits for servers now and then.
    maxWorkers: availableParallelism(),
    sequence: {
      sequencer: longestFirst([
        'test/e2e/wrapper-verbs.test.ts',
        'test/e2e/gate.test.ts',
        'test/e2e/install.test.ts',
        'test/e2e/plugin.test.ts',
        'test/e2e/odd-archives.test.ts',
      ]),
    },
  },
});
