// A real Rekor on loopback, started as the tests of interoperability start it, in a process of its own that ends with this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..', '..');

/**
 * Starts MariaDB, Redis, Trillian and Rekor; where they are not in the cache, Go builds the latter for some minutes.
 *
 * @returns {Promise<import('./plan.mjs').Log & { stop: () => Promise<void> }>}
 * @throws Error with what this machine lacks
 */
export async function startRekor() {
  // Beside the packages that it imports.
  await mkdir(path.join(root, 'build'), { recursive: true });
  const directory = await mkdtemp(path.join(root, 'build', 'rekor-worker-'));
  const outfile = path.join(directory, 'worker.mjs');
  await build({
    entryPoints: [path.join(root, 'test', 'interop', 'stack', 'rekor-worker.ts')],
    ...{ outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'silent' },
  });
  // By an import, because scripts that are started print what they brought, and parts of the bundle are such.
  const code = `await import(${JSON.stringify(pathToFileURL(outfile).href)})`;
  const argv = ['--input-type=module', '--eval', code];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
    await rm(directory, { recursive: true });
  };
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), ended.then(() => [undefined])]);
  if (typeof line === 'string') return { ...JSON.parse(line), stop };
  await stop();
  throw new Error('the real Rekor does not start');
}
