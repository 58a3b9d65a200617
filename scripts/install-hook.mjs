// Helm runs this after `helm plugin install` and `helm plugin update` of a checkout. A clone from git has no dist/, so it
// is built here, and what that needed is removed again. A checkout that is installed as a directory belongs to its
// user: nothing is written there, only said. What `npm run package` makes is built, and has no hooks.
import { existsSync, lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  if (isLink(process.env['HELM_PLUGIN_DIR'] ?? root)) remind();
  else await build();
} catch (error) {
  console.error(`Error: helm-sigstore could not be built: ${error instanceof Error ? error.message : error}`);
  console.error(
    'Hint: it needs Node.js 20.19 or later, npm and its registry; or install a release, which is built',
  );
  process.exitCode = 1;
}

/**
 * Helm copies a clone, and makes a link to a directory.
 *
 * @param {string} directory
 */
function isLink(directory) {
  return lstatSync(directory).isSymbolicLink();
}

function remind() {
  if (existsSync(path.join(root, 'dist', 'helm-sigstore.cjs'))) return;
  console.error(`helm-sigstore has to be built before it runs: npm ci && npm run build, in ${root}`);
}

async function build() {
  console.error('Building helm-sigstore');
  // What package-lock.json says, and no scripts of packages.
  await runNpm(['ci', '--omit=dev', '--ignore-scripts', '--no-fund', '--no-audit'], root);
  const { buildDist } = await import('./build.mjs');
  await buildDist();
  await rm(path.join(root, 'node_modules'), { recursive: true });
}
