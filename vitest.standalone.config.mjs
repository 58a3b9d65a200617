import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';
import { bundledOpenpgp } from './vitest.suite.mjs';

/** The adversary of the tests, what commands say, and what only a process has: signals, pipes, variables, descriptors. */
const CHOSEN = [
  'test/verification/{forgeries,honest}.test.ts',
  'test/commands/{bundle-verify,ca-file,getter,json,log-serve,search,upload,verify}.test.ts',
  'test/run/{context,pipe}.test.ts',
  'test/{cli/failing-output,wrapper/wrapper-process,embedded-log/one-writer}.test.ts',
  'test/http/{authorities,collected}.test.ts',
];
/** All that runs the program by its command line, but for what needs its clock, its terminal or the heap of V8. */
const ALL = [
  ...CHOSEN,
  'test/{cases,commands,history,verification}/*.test.ts',
  'test/evidence/{flipped-bits,forgeries,offline,strangers,verify}.test.ts',
  'test/signing/{attacks,sign}.test.ts',
  'test/embedded-log/full-disk.test.ts',
];
const IN_THE_PROCESS = ['test/commands/{download-progress,*-memory,large-archive}.test.ts'];
/** Where CI wants a report in JSON. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  resolve: bundledOpenpgp,
  test: {
    reporters: ['default', new SkippedReporter(), ...(report ? ['json'] : [])],
    ...(report && { outputFile: { json: report } }),
    name: 'standalone',
    include: process.env['SLOW_TESTS'] === '1' ? ALL : CHOSEN,
    exclude: IN_THE_PROCESS,
    globalSetup: 'test/support/standalone.ts',
    env: { NODE_EXTRA_CA_CERTS: '' },
    setupFiles: ['test/support/property.ts'],
    maxWorkers: availableParallelism(),
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
