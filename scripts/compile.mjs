// Compiles the bundles of dist/ for the Node that runs this, so that no start has to: bin/bundles.cjs loads what is made
// here. It is a program of its own, because the flag that makes V8 compile every function is one of the whole process.
import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { beginningOf, compiledFile, scriptOf } from '../bin/bundles.cjs';

const program = fileURLToPath(import.meta.url);

/**
 * Compiles bundles for this Node. Flags for Node from the environment are not taken over.
 *
 * @param {string} dist the directory of the bundles
 * @param {string[]} names
 */
export async function compileBundles(dist, names) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  await promisify(execFile)(process.execPath, [program, dist, ...names], { env });
}

/**
 * @param {string} dist
 * @param {string} name
 */
async function compileBundle(dist, name) {
  const file = path.join(dist, name);
  const source = await readFile(file);
  // V8 keeps the path with the code, for traces. It also compares the flags: they are as before when the code is taken out.
  setFlagsFromString('--no-lazy');
  const script = scriptOf(source, file);
  setFlagsFromString('--lazy');
  await place(compiledFile(dist, name), Buffer.concat([beginningOf(source), script.createCachedData()]));
}

/**
 * Writes a file that is there whole or not at all, also after a power failure: V8 would run half of one.
 *
 * @param {string} file
 * @param {Buffer} bytes
 */
async function place(file, bytes) {
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  const handle = await open(fresh, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

if (process.argv[1] === program) {
  const [dist = '', ...names] = process.argv.slice(2);
  for (const name of names) await compileBundle(dist, name);
}
