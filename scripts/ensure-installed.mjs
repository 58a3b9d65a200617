// Installs the packages of the lock file when they are missing or others, so that a fresh clone needs no command
// before `npm test` and `npm run quickstart`. Uses nothing but Node.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './npm.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const root = path.join(import.meta.dirname, '..');

/** Runs `npm ci`, unless node_modules is what package-lock.json asks for. */
export async function ensureInstalled() {
  if (!isInstalled()) await runNpm(['ci', '--no-fund', '--no-audit'], root);
}

/** Compares npm's own record of what it installed with the lock file: in a fresh clone, times say nothing. */
function isInstalled() {
  const installed = readPackages('node_modules/.package-lock.json');
  const wanted = Object.entries(readPackages('package-lock.json') ?? {});
  return wanted.every(([place, { integrity, optional }]) => {
    const found = installed?.[place];
    return place === '' || (found ? found.integrity === integrity : optional);
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { integrity?: string, optional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  await ensureInstalled();
}
