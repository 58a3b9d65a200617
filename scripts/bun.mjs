// The runtimes of Bun of which the standalone executables are made. They are packages of the npm registry, with their digests
// pinned here, in a cache outside the checkout. They are no dependencies in package.json: each has forty megabytes, and only
// who makes executables needs one.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { cachedDirectory } from './binary-cache.mjs';
import { runNpm } from './npm.mjs';

export const BUN_VERSION = '1.4.5';

/** SHA-512 of the packed package `@oven/bun-…` of each platform, as the registry and every lock file have it. */
const DIGESTS = {
  'linux-x64': 'IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
  'linux-x64-musl':
    '10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==',
  'linux-aarch64': '4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
  'linux-aarch64-musl':
    'XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==',
  'darwin-x64': 'qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==',
  'darwin-aarch64':
    '4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==',
  'windows-x64': 'FNvply651vcE/GHgNWz6mZvhmkwBuu8Hw54oNzA+CQog+HW+542rXQmZqNHRkFxazD9L3xi+iTtvO3engAgJfw==',
  'windows-aarch64':
    'MiPFZnBNDnBXgr1oONc5pizC4fOLjnIOfNkYdFEnWzLmoFTg86naZIG3SvS7d/GglpQSAnCKMAzSjI/TAckiRw==',
};

/** @typedef {keyof typeof DIGESTS} Runtime */

/**
 * Puts a runtime into a file that can be executed. What is in the cache is compared with its digest each time: it becomes a part
 * of what is released.
 *
 * @param {Runtime} runtime
 * @param {string} file
 * @throws Error if the package is not the one that is pinned
 */
export async function placeRuntime(runtime, file) {
  const name = `@oven/bun-${runtime}@${BUN_VERSION}`;
  const directory = await cachedDirectory(`bun-${runtime}-${BUN_VERSION}`, 'package.tgz', async (scratch) => {
    await runNpm(['pack', '--silent', '--pack-destination', scratch, name]);
    const [packed = ''] = await readdir(scratch);
    await rename(path.join(scratch, packed), path.join(scratch, 'package.tgz'));
  });
  const packed = path.join(directory, 'package.tgz');
  const found = createHash('sha512')
    .update(await readFile(packed))
    .digest('base64');
  if (found !== DIGESTS[runtime])
    throw new Error(`${packed} has SHA-512 ${found}, expected ${DIGESTS[runtime]} of ${name}`);
  const unpack = extract();
  const unpacking = pipeline(createReadStream(packed), createGunzip(), unpack);
  let isThere = false;
  for await (const entry of unpack) {
    if (/^package\/bin\/bun(\.exe)?$/.test(entry.header.name)) {
      await pipeline(entry, createWriteStream(file, { mode: 0o755 }));
      isThere = true;
    } else entry.resume();
  }
  await unpacking;
  if (!isThere) throw new Error(`${packed} holds no bin/bun`);
}

/**
 * The runtime that runs on this machine.
 *
 * @returns {Runtime}
 */
export function runtimeOfThisMachine() {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'windows' : platform;
  const processor = arch === 'arm64' ? 'aarch64' : arch;
  const name = `${system}-${processor}${isMusl() ? '-musl' : ''}`;
  if (!(name in DIGESTS)) throw new Error(`Bun ${BUN_VERSION} has no runtime for ${name}`);
  return /** @type {Runtime} */ (name);
}

/** Whether the C library of this system is musl: Node says only which version of glibc it found. */
function isMusl() {
  if (process.platform !== 'linux') return false;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime === undefined;
}
