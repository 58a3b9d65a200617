import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './test/support/longest-first.ts';
import { isStandalone } from './test/e2e/product.ts';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

/** What installs the packed plugin: of the standalone executable the rest is as with Node, or is the checkout's. */
const INSTALLED = ['completion', 'gate', 'helm-alone', 'plugin', 'standalone', 'windows'];
/** The same, what takes long: every word goes through the same parts of the runtime. */
const INSTALLED_TOO = process.env['SLOW_TESTS'] === '1' ? ['mirror', 'wrapper-verbs'] : [];
/** Where CI wants a report in JSON. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    reporters: ['default', new SkippedReporter(), ...(report ? ['json'] : [])],
    ...(report && { outputFile: { json: report } }),
    ...(isStandalone()
      ? {
          name: 'standalone',
          include: [...INSTALLED, ...INSTALLED_TOO].map((name) => `test/e2e/${name}.test.ts`),
        }
      : {
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/{helm-alone,standalone,windows}.test.ts'],
        }),
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
