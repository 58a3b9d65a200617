import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { buildLogPage } from './scripts/log-page.mjs';
import { longestFirst } from './test/support/longest-first.ts';
import { SkippedReporter } from './test/support/skipped-reporter.ts';
import { isThorough } from './test/support/thorough.ts';
import { bundledOpenpgp } from './vitest.suite.mjs';

/** Seconds each, or gpg or Chromium needed: left to CI and `npm run test:all`. The longest first: begun last it would end alone. */
const SLOW = [
  'test/commands/index-memory.test.ts',
  'test/commands/count-memory.test.ts',
  'test/docs/additions.test.ts',
  'test/keyring/odd-revocations.test.ts',
  'test/commands/search-flood.test.ts',
  'test/commands/no-silent-success.test.ts',
  'test/embedded-log/memory.test.ts',
  'test/embedded-log/rotate-crash.test.ts',
  'test/embedded-log/frozen-damage.test.ts',
  'test/log-page/in-chromium.test.ts',
  'test/log-page/odd-answers.test.ts',
  'test/http/collected.test.ts',
  'test/monitor/memory.test.ts',
  'test/commands/mirror-killed.test.ts',
  'test/commands/mirror.test.ts',
  'test/commands/large-archive.test.ts',
  'test/commands/keys-memory.test.ts',
  'test/keyring/gnupg.test.ts',
  'test/cli/failing-output.test.ts',
  'test/signing/attacks.test.ts',
  'test/signing/sign.test.ts',
  'test/verification/flood.test.ts',
  'test/verification/gpg-time.test.ts',
  'test/linear-measure.test.ts',
  'test/keyring/linear.test.ts',
  'test/keyring/corruption.test.ts',
  'test/verification/uploads.test.ts',
  'test/openpgp/plain-signature.test.ts',
  'test/embedded-log/one-writer.test.ts',
  'test/trust/root-refresh.test.ts',
];
/** What measures the work of its own process: it also sets flags of V8, which nobody else may get. */
const MEASURING = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => readFileSync(file, 'utf8').includes('/linear.ts'))
  .sort((a, b) => Number(b.includes('/linear/')) - Number(a.includes('/linear/')));
/** What has a process of its own, the longest first. */
const ALONE = [...new Set([...MEASURING, ...SLOW])];
/** Suites of their own, with a configuration each. */
const OTHERS = [
  'test/e2e/**',
  'test/interop/**',
  'test/registries/**',
  'test/kubernetes/**',
  'test/sigstore/**',
];
/** Where CI wants a report in JSON. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  resolve: bundledOpenpgp,
  // As scripts/build.mjs puts it in.
  define: { __LOG_PAGE__: JSON.stringify(JSON.stringify(await buildLogPage())) },
  test: {
    reporters: ['default', new SkippedReporter(isThorough ? [] : SLOW), ...(report ? ['json'] : [])],
    ...(report && { outputFile: { json: report } }),
    env: { NODE_EXTRA_CA_CERTS: '' },
    // Left to itself it leaves a core idle.
    maxWorkers: availableParallelism(),
    // Many times what they take: a loaded machine slows tests down, and does not fail them.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Waiting for what happens soon, unless the machine is busy.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    setupFiles: ['test/support/property.ts'],
    sequence: { sequencer: longestFirst(ALONE) },
    // To start a process for each file and to load all that it imports takes as long as to test.
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHERS, ...ALONE],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: isThorough ? ALONE : ALONE.filter((file) => !SLOW.includes(file)),
          isolate: true,
        },
      },
    ],
  },
});
