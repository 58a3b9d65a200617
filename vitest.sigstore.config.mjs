import { mergeConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';
import unit from './vitest.config.mjs';

const config = mergeConfig(unit, {
  test: {
    globalSetup: 'test/sigstore/global-setup.ts',
    // Processes of their own, and one file after the other: each starts a Sigstore.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 180_000,
    // A hook starts servers.
    hookTimeout: 180_000,
  },
});
// The projects are those of the unit tests, which these are not.
config.test.projects = undefined;
config.test.include = ['test/sigstore/**/*.test.ts'];
config.test.exclude = undefined;
// Merged lists would hold both: nothing is left out here.
config.test.reporters = config.test.reporters.map((/** @type {unknown} */ each) =>
  each instanceof SkippedReporter ? new SkippedReporter() : each,
);
export default config;
