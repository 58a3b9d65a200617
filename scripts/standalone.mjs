// Makes the standalone executable: the bundles of dist/ and the runtime of Bun in one file, for every platform on any of them.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { signedAdHoc } from './macho-signature.mjs';
import { placeRuntime, runtimeOfThisMachine } from './bun.mjs';

/** @import { Runtime } from './bun.mjs' */

const dist = path.join(import.meta.dirname, '..', 'dist');

/**
 * What there are executables for, in the words of Go and of releases of Helm.
 *
 * @satisfies {Record<string, Runtime>}
 */
export const TARGETS = /** @type {const} */ ({
  // Its package for processors without AVX2 has the same bytes.
  'linux-amd64': 'linux-x64',
  // For systems without glibc, such as Alpine Linux.
  'linux-amd64-musl': 'linux-x64-musl',
  'linux-arm64': 'linux-aarch64',
  'linux-arm64-musl': 'linux-aarch64-musl',
  'darwin-amd64': 'darwin-x64',
  'darwin-arm64': 'darwin-aarch64',
  'windows-amd64': 'windows-x64',
  'windows-arm64': 'windows-aarch64',
});

/** @typedef {keyof typeof TARGETS} Target */

/**
 * The targets of these names; all, where none is named.
 *
 * @param {readonly string[]} names
 * @returns {Target[]}
 */
export function targetsOf(names) {
  const known = /** @type {Target[]} */ (Object.keys(TARGETS));
  const unknown = names.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`expected one of ${known.join(', ')}, found ${unknown}`);
  return names.length === 0 ? known : known.filter((each) => names.includes(each));
}

/** The target that runs on this machine. */
export function targetOfThisMachine() {
  const runtime = runtimeOfThisMachine();
  const target = /** @type {Target[]} */ (Object.keys(TARGETS)).find((each) => TARGETS[each] === runtime);
  if (target === undefined) throw new Error(`there is no executable for ${runtime}`);
  return target;
}

/** How the executable of a target is called in archives. @param {Target} target */
export function executableName(target) {
  return target.startsWith('windows-') ? 'helm-sigstore.exe' : 'helm-sigstore';
}

/** What runs first. It has no other name for the program than that of Node's launcher. */
const ENTRY = `const { leave, processContext, run } = require('./dist/helm-sigstore.cjs');
run(process.argv.slice(2), processContext()).then(leave);
`;

/** Everything that a runtime of Bun would obey in the directory in which it is started. */
const OBEY_NOTHING = ['dotenv', 'bunfig', 'tsconfig', 'package-json'].map(
  (what) => `--no-compile-autoload-${what}`,
);

/**
 * How many times later than by itself the runtime compiles functions to machine code. A run is short: most of what it compiled was
 * for nothing, and took a third of the CPU time of a `verify`. What runs for seconds is compiled all the same.
 */
const LATER = 10;

/**
 * Gives some work the compiler, which is the runtime of this machine, and clears up behind it.
 *
 * @template T
 * @param {(compiler: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withCompiler(work) {
  return await inScratch(async (scratch) => {
    const compiler = path.join(scratch, 'bun');
    await placeRuntime(runtimeOfThisMachine(), compiler);
    return await work(compiler);
  });
}

/**
 * Compiles dist/, which has to be built, for a target. The same bundles give the same bytes, wherever that is done.
 *
 * @param {Target} target
 * @param {string} file where the executable is put
 * @param {string} compiler as `withCompiler` gives it
 * @param {string} [entry] source code in place of what the executable runs first; for tests
 */
export async function compileStandalone(target, file, compiler, entry = ENTRY) {
  await inScratch(async (scratch) => {
    // Names that are the same everywhere, because some are in what is made.
    const sources = path.join(scratch, 'sources');
    await mkdir(path.join(sources, 'dist'), { recursive: true });
    for (const name of await readdir(dist))
      if (name.endsWith('.cjs')) await copyFile(path.join(dist, name), path.join(sources, 'dist', name));
    await writeFile(path.join(sources, 'entry.cjs'), entry);
    const made = path.join(scratch, executableName(target));
    const argv = [
      ...['build', '--compile', '--bytecode', '--minify', '--reject-unresolved', ...OBEY_NOTHING],
      ...[
        `--compile-jit-policy=${LATER}`,
        `--target=bun-${TARGETS[target].replace('aarch64', 'arm64')}`,
        `--compile-executable-path=${await runtimeFor(target, compiler, scratch)}`,
      ],
      ...[`--outfile=${made}`, 'entry.cjs'],
    ];
    // Nothing of the user's comes in: neither variables nor a .bunfig.toml at home.
    const env = { HOME: scratch, TMPDIR: scratch, TMP: scratch, TEMP: scratch };
    await promisify(execFile)(compiler, argv, { cwd: sources, env });
    await mkdir(path.dirname(file), { recursive: true });
    const fresh = `${file}.${process.pid}`;
    await copyFile(made, fresh);
    if (target === 'darwin-amd64') await writeFile(fresh, signedAdHoc(await readFile(made)));
    await rename(fresh, file);
  });
}

/**
 * What runs the bundles on a target: the runtime that the user names, else the pinned one. To unpack one takes seconds.
 *
 * @param {Target} target
 * @param {string} compiler
 * @param {string} scratch
 * @returns {Promise<string>}
 */
async function runtimeFor(target, compiler, scratch) {
  const own = process.env['HELM_SIGSTORE_BUN'];
  if (own) return path.resolve(own);
  if (TARGETS[target] === runtimeOfThisMachine()) return compiler;
  const runtime = path.join(scratch, 'runtime');
  await placeRuntime(TARGETS[target], runtime);
  return runtime;
}

/**
 * Gives some work a directory of its own.
 *
 * @template T
 * @param {(scratch: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inScratch(work) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'helm-sigstore-standalone-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
