import { mergeConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';
import unit from './vitest.config.mjs';

const config = mergeConfig(unit, {
  test: {
    globalSetup: 'test/interop/global-setup.ts',
    // Processes of their own, and one file after the other: the machine has to serve Rekor as well.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 180_000,
    // A hook starts a database, Trillian and Rekor, or uploads with every client.
    hookTimeout: 180_000,
  },
});
config.test.include = ['test/interop/**/*.test.ts'];
config.test.projects = undefined;
// Merged lists would hold both: nothing is left out here.
config.test.reporters = config.test.reporters.map((/** @type {unknown} */ each) =>
  each instanceof SkippedReporter ? new SkippedReporter() : each,
);
export default config;
