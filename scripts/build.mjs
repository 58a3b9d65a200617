// Makes dist/: the plugin as one CommonJS bundle, and beside it the packages that have reasons to be files of their
// own. Code behind import() is not evaluated, and what is in another file not even read, before it is needed.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
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
};

/** @type {import('esbuild').Plugin} */
const filesOfTheirOwn = {
  name: 'files-of-their-own',
  setup({ onResolve }) {
    onResolve({ filter: /^(openpgp|undici)$/ }, ({ path }) => ({ path: `./${path}.cjs`, external: true }));
  },
};

/** Builds dist/. A build that runs at the same moment does no harm: files appear there whole, by renaming. */
export async function buildDist() {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const bundles = await Promise.all(
    Object.entries(entries).map(async ([name, entry]) => ({ name, ...(await bundle(entry, version)) })),
  );
  await mkdir(dist, { recursive: true });
  for (const { name, code, packages } of bundles) {
    await place(`${name}.LICENSES`, await licencesOf(packages));
    await place(`${name}.cjs`, code);
  }
}

/**
 * @param {string} entry
 * @param {string} version
 * @returns {Promise<{ code: Uint8Array, packages: string[] }>} the bundle, and the packages that are in it
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
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return { code: output.contents, packages: [...new Set(packages)].sort() };
}

/**
 * The licence texts of bundled packages, which have to go where their code goes.
 *
 * @param {string[]} packages
 */
async function licencesOf(packages) {
  const texts = [];
  for (const name of packages) {
    const directory = path.join(root, 'node_modules', name);
    const { version } = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
    texts.push(`${name} ${version}\n\n${await readFile(path.join(directory, 'LICENSE'), 'utf8')}`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
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
