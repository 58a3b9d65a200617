// Cuts a program into a few CommonJS bundles, so that a run reads and compiles little of what it does not need.
// Compiling is half of what a start costs. Cuts go along import(); what a module imports statically is in its own
// bundle, or in one that comes before it.
import { build } from 'esbuild';

/** @import { BuildOptions, Metafile, Plugin } from 'esbuild' */

/**
 * @typedef {object} Cut
 * @property {Record<string, string>} bundles the entry module of each bundle, by its name, in the order in which they
 *   are loaded; the first one exports what its entry exports
 * @property {string} [rest] the name of the bundle with all that is left, where each module waits until it is needed
 * @property {Readonly<Record<string, string>>} [apart] what is in files of their own, by the name in the import
 */

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {Uint8Array} code
 * @property {string[]} modules what is in it, by path
 */

/**
 * @param {Cut} cut
 * @param {BuildOptions & { absWorkingDir: string }} options
 * @returns {Promise<Bundle[]>}
 */
export async function cutIntoBundles({ bundles, rest = 'rest', apart = {} }, options) {
  const [first = ''] = Object.keys(bundles);
  const common = /** @type {const} */ ({
    ...options,
    bundle: true,
    format: 'cjs',
    metafile: true,
    write: false,
  });
  const kept = [...(options.plugins ?? []), filesApart(apart)];
  const whole = await build({ ...common, entryPoints: [bundles[first] ?? ''], plugins: kept });
  const { inputs } = whole.metafile;
  const owners = ownersOf(inputs, bundles, rest);

  return await Promise.all(
    [...new Set(owners.values())].map(async (name) => {
      const shared = neededElsewhere(name, inputs, owners);
      const contents =
        name === rest
          ? `module.exports = { ${shared.map((file) => `get ${quote(file)}() { return require('./${file}'); }`).join()} };`
          : shared.map((file) => `export * as ${quote(file)} from './${file}';`).join('');
      const { outputFiles, metafile } = await build({
        ...common,
        stdin: {
          contents: (name === first ? `export * from './${bundles[first] ?? ''}';` : '') + contents,
          resolveDir: options.absWorkingDir,
        },
        plugins: [...kept, otherBundles(name, inputs, owners)],
      });
      const [output] = outputFiles;
      if (output === undefined) throw new Error(`esbuild made nothing of ${name}`);
      return { name, code: output.contents, modules: Object.keys(metafile.inputs) };
    }),
  );
}

/**
 * Which bundle each module is in: the first whose entry needs it.
 *
 * @param {Metafile['inputs']} inputs
 * @param {Record<string, string>} bundles
 * @param {string} rest
 * @returns {Map<string, string>}
 */
function ownersOf(inputs, bundles, rest) {
  const owners = new Map();
  for (const [name, entry] of Object.entries(bundles)) {
    const open = [entry];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (owners.has(file)) continue;
      owners.set(file, name);
      for (const { path, kind, external } of inputs[file]?.imports ?? [])
        if (!external && kind !== 'dynamic-import') open.push(path);
    }
  }
  for (const file of Object.keys(inputs)) if (!owners.has(file)) owners.set(file, rest);
  return owners;
}

/**
 * The modules of a bundle that those in others import.
 *
 * @param {string} name
 * @param {Metafile['inputs']} inputs
 * @param {Map<string, string>} owners
 * @returns {string[]}
 */
function neededElsewhere(name, inputs, owners) {
  const outside = Object.entries(inputs).filter(([file]) => owners.get(file) !== name);
  const imported = outside.flatMap(([, { imports }]) => imports.map(({ path }) => path));
  return [...new Set(imported)].filter((file) => owners.get(file) === name);
}

/**
 * Modules of other bundles, which are asked for them when they are needed.
 *
 * @param {string} name
 * @param {Metafile['inputs']} inputs
 * @param {Map<string, string>} owners
 * @returns {Plugin}
 */
function otherBundles(name, inputs, owners) {
  const namespace = 'other-bundle';
  return {
    name: 'other-bundles',
    setup({ onResolve, onLoad, initialOptions }) {
      const root = `${initialOptions.absWorkingDir ?? ''}/`;
      onResolve({ filter: /\.cjs$/, namespace }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /./, namespace: 'file' }, ({ path, importer }) => {
        const file = importer.replaceAll('\\', '/').replace(root.replaceAll('\\', '/'), '');
        const target = inputs[file]?.imports.find(({ original }) => original === path)?.path;
        const isElsewhere = target !== undefined && owners.has(target) && owners.get(target) !== name;
        // Not its own name, which would say in which language it is.
        return isElsewhere ? { path: `${target}/`, namespace, pluginData: target } : undefined;
      });
      onLoad({ filter: /./, namespace }, ({ pluginData: target }) => ({
        contents: `module.exports = require('./${owners.get(target) ?? ''}.cjs')[${quote(target)}];`,
      }));
    },
  };
}

/**
 * @param {Readonly<Record<string, string>>} apart
 * @returns {Plugin}
 */
function filesApart(apart) {
  return {
    name: 'files-apart',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path }) =>
        path in apart ? { path: `./${apart[path] ?? ''}.cjs`, external: true } : undefined,
      );
    },
  };
}

/** @param {string} text */
function quote(text) {
  return JSON.stringify(text);
}
