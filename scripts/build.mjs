// Makes dist/: the plugin as one CommonJS bundle, and beside it the packages that have reasons to be files of their
// own. Code behind import() is not evaluated, and what is in another file not even read, before it is needed.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

/** What goes into which file of dist/. */
const entries = {
  'helm-sigstore': 'src/main.ts',
  // Under the LGPL, so it has to stay replaceable. The lightweight build, which starts fastest.
  openpgp: 'node_modules/openpgp/dist/lightweight/openpgp.min.mjs',
  // As large as all the rest, and needed behind a proxy only: merely reading it would slow every start.
  undici: 'node_modules/undici/index.js',
  // With tuf-js, for the rare refresh of Sigstore's trusted root. It imports nothing of ours that others need as well.
  tuf: 'src/trust/tuf-client.ts',
};

/** How the code names what is in a file of its own. */
const imports = new Map([
  ['openpgp', 'openpgp'],
  ['undici', 'undici'],
  ['./tuf-client.ts', 'tuf'],
]);

/** @type {import('esbuild').Plugin} */
const filesOfTheirOwn = {
  name: 'files-of-their-own',
  setup({ onResolve }) {
    onResolve({ filter: /^(openpgp|undici|\.\/tuf-client\.ts)$/ }, ({ path }) => ({
      path: `./${imports.get(path)}.cjs`,
      external: true,
    }));
  },
};

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} licence the SPDX expression that it gives itself
 * @property {string} text of the licence
 */

/**
 * Builds dist/. A build that runs at the same moment does no harm: files appear there whole, by renaming.
 *
 * @returns {Promise<{ file: string, packages: Package[] }[]>} the bundles, and what is in them of others
 */
export async function buildDist() {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const bundles = await Promise.all(
    Object.entries(entries).map(async ([name, entry]) => ({ name, ...(await bundle(entry, version)) })),
  );
  await mkdir(dist, { recursive: true });
  const built = [];
  for (const { name, code, packages: directories } of bundles) {
    const packages = await Promise.all(directories.map(readPackage));
    await place(`${name}.LICENSES`, licencesOf(packages));
    await place(`${name}.cjs`, code);
    built.push({ file: `${name}.cjs`, packages });
  }
  return built;
}

/**
 * @param {string} entry
 * @param {string} version
 * @returns {Promise<{ code: Uint8Array, packages: string[] }>} the bundle, and the directories of the packages in it
 */
async function bundle(entry, version) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    legalComments: 'eof',
    logLevel: 'warning',
    define: { __VERSION__: JSON.stringify(version) },
    plugins: [filesOfTheirOwn],
    // An import() of another file becomes a lazy require().
    supported: { 'dynamic-import': false },
    metafile: true,
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  // Of nested packages the innermost.
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [],
  );
  return { code: output.contents, packages: [...new Set(packages)].sort() };
}

/**
 * @param {string} directory
 * @returns {Promise<Package>}
 */
async function readPackage(directory) {
  const { name, version, license } = JSON.parse(
    await readFile(path.join(root, directory, 'package.json'), 'utf8'),
  );
  const file = (await readdir(path.join(root, directory))).find((file) => /^licen[cs]e/i.test(file));
  if (file === undefined || typeof license !== 'string') throw new Error(`${directory} has no licence`);
  return { name, version, licence: license, text: await readFile(path.join(root, directory, file), 'utf8') };
}

/**
 * The licence texts of bundled packages, which have to go where their code goes.
 *
 * @param {Package[]} packages
 */
function licencesOf(packages) {
  return packages
    .map(({ name, version, text }) => `${name} ${version}\n\n${text}`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * @param {string} name
 * @param {string | Uint8Array} content
 */
async function place(name, content) {
  const fresh = path.join(dist, `.${name}.${process.pid}`);
  await writeFile(fresh, content);
  await rename(fresh, path.join(dist, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDist();
