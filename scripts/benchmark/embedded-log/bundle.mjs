// The embedded log of src/ as one module of JavaScript, for the processes that are measured.
import { build } from 'esbuild';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

/**
 * @param {string} directory where the module is written
 * @param {string} contents the exports, relative to the checkout
 * @param {string} [checkout] by default this one
 * @returns {Promise<string>} its path
 */
export async function bundleOf(directory, contents, checkout = root) {
  const outfile = path.join(directory, 'log.mjs');
  await build({
    stdin: { contents, resolveDir: checkout, loader: 'ts' },
    outfile,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return outfile;
}
