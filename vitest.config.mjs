import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Seconds each, or gpg needed: left to CI and `npm run test:all`. */
const SLOW = [
  'test/commands/large-archive.test.ts',
  'test/keyring/gnupg.test.ts',
  'test/trust/root-refresh.test.ts',
  'test/verification/flood.test.ts',
  'test/verification/gpg-time.test.ts',
  'test/verification/uploads.test.ts',
];
const all = process.env['CI'] === 'true' || process.env['SLOW_TESTS'] === '1';

export default defineConfig({
  resolve: {
    // The same build of openpgp that scripts/build.mjs bundles.
    alias: {
      openpgp: fileURLToPath(new URL('node_modules/openpgp/dist/lightweight/openpgp.mjs', import.meta.url)),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/interop/**', ...(all ? [] : SLOW)],
    env: { NODE_EXTRA_CA_CERTS: '' },
    // Left to itself it leaves a core idle.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    setupFiles: ['test/support/property.ts'],
  },
});
