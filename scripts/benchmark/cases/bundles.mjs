import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { readFile, readdir } from 'node:fs/promises';
import { median } from '../statistics.mjs';

const dist = path.join(import.meta.dirname, '..', '..', '..', 'dist');
const program = path.join(import.meta.dirname, '..', 'load-bundle.cjs');

/**
 * What an `import()` of a bundle costs: to get its code ready, without running it, in CPU time. A command that does
 * without the bundle saves that.
 *
 * @type {import('../result.mjs').Case}
 */
export async function bundles({ plan: { rounds } }) {
  const names = (await readdir(dist)).filter((name) => name.endsWith('.cjs')).sort();
  /** @type {import('../result.mjs').Row[]} */
  const rows = [];
  for (const name of names) {
    const { length } = await readFile(path.join(dist, name));
    const what = `\`${name}\`, ${Math.round(length / 1000)} KB`;
    const compiled = [];
    const source = [];
    for (let round = 0; round < rounds; round++) {
      source.push(await cpuTime(name));
      compiled.push(await cpuTime(name, 'compiled'));
    }
    rows.push({ what, measured: median(source), unit: 'ms' });
    rows.push({ what: 'the same, compiled at the build', measured: median(compiled), unit: 'ms' });
  }
  return { rows, times: {} };
}

/**
 * @param {string} name
 * @param {string[]} mode
 */
async function cpuTime(name, ...mode) {
  const { stdout } = await promisify(execFile)(process.execPath, [program, dist, name, ...mode], { env: {} });
  return Number(stdout);
}
