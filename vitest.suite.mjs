import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

/** The same build of openpgp that scripts/build.mjs bundles. */
export const bundledOpenpgp = {
  alias: {
    openpgp: fileURLToPath(new URL('node_modules/openpgp/dist/lightweight/openpgp.mjs', import.meta.url)),
  },
};

/**
 * A suite that starts servers for others than us, in a folder of `test/` with a `global-setup.ts`: processes of their own, and one file
 * after the other, as the machine has to serve what they start as well.
 *
 * @param {import('vitest/config').ViteUserConfig} unit the configuration of the unit tests
 * @param {string} folder
 */
export function suiteWithServers(unit, folder) {
  const config = mergeConfig(unit, {
    test: {
      globalSetup: `test/${folder}/global-setup.ts`,
      pool: 'forks',
      fileParallelism: false,
      // A hook starts servers, publishes charts, or asks with every Helm.
      hookTimeout: 180_000,
    },
  });
  config.test.include = [`test/${folder}/**/*.test.ts`];
  // The projects are those of the unit tests, which these are not.
  config.test.projects = undefined;
  // Merged lists would hold both: nothing is left out here.
  config.test.reporters = config.test.reporters.map((/** @type {unknown} */ each) =>
    each instanceof SkippedReporter ? new SkippedReporter() : each,
  );
  return config;
}
