import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The same build of openpgp that scripts/build.mjs bundles.
    alias: {
      openpgp: fileURLToPath(
        new URL('node_modules/openpgp/dist/lightweight/openpgp.min.mjs', import.meta.url),
      ),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/interop/**'],
    env: { NODE_EXTRA_CA_CERTS: '' },
    // Left to itself it leaves a core idle.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    setupFiles: ['test/support/property.ts'],
  },
});
