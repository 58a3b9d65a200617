// Cuts a program into a few CommonJS bundles, so that a run reads and compiles little of what it does not need.
// Compiling is half of what a start costs. Cuts go along import(); what a module imports statically is in its own
// bundle, or in one that comes before it.
import { build } from 'esbuild';

/** @import { BuildOptions, Metafile, Plugin } from 'esbuild' */

/**
 * @typedef {object} Cut
 * @property {Record<string, string | (string | string[])[]>} bundles the entry module of each bundle, by its name, in the
 *   order in which they are loaded; the first one exports what its entry exports. A list stands for what each of its
 *   members needs; a list among these is one member
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
  const [[first, entry] = ['', '']] = Object.entries(bundles);
  if (typeof entry !== 'string') throw new Error(`${first}: expected one entry`);
  const common = /** @type {const} */ ({
    ...options,
    bundle: true,
    format: 'cjs',
    metafile: true,
    write: false,
  });
  const kept = [...(options.plugins ?? []), filesApart(apart)];
  const whole = await build({ ...common, entryPoints: [entry], plugins: kept });
  const { inputs } = whole.metafile;
  const owners = ownersOf(inputs, bundles, rest);
  const exported = await exportsOf(
    [...new Set(owners.values())].flatMap((name) => neededElsewhere(name, inputs, owners)),
    { ...common, plugins: kept },
  );

  return await Promise.all(
    [...new Set(owners.values())].map(async (name) => {
      const shared = neededElsewhere(name, inputs, owners);
      const contents =
        name === rest
          ? `module.exports = { ${shared.map((file) => `get ${nameOf(file, inputs)}() { return require('./${file}'); }`).join()} };`
          : shared.map((file) => `export * as ${nameOf(file, inputs)} from './${file}';`).join('');
      const { outputFiles, metafile } = await build({
        ...common,
        stdin: {
          contents: (name === first ? `export * from './${entry}';` : '') + contents,
          resolveDir: options.absWorkingDir,
        },
        plugins: [...kept, otherBundles({ name, inputs, owners, exported })],
      });
      const [output] = outputFiles;
      if (output === undefined) throw new Error(`esbuild made nothing of ${name}`);
      const modules = Object.keys(metafile.inputs).filter((file) => !file.startsWith(`${OTHER_BUNDLE}:`));
      return { name, code: output.contents, modules };
    }),
  );
}

/**
 * Which bundle each module is in: the first whose entries need it.
 *
 * @param {Metafile['inputs']} inputs
 * @param {Cut['bundles']} bundles
 * @param {string} rest
 * @returns {Map<string, string>}
 */
function ownersOf(inputs, bundles, rest) {
  const owners = new Map();
  for (const [name, entries] of Object.entries(bundles)) {
    const [needed = new Set(), ...others] = [entries].flat().map((entry) => neededBy([entry].flat(), inputs));
    for (const file of needed)
      if (!owners.has(file) && others.every((other) => other.has(file))) owners.set(file, name);
  }
  for (const file of Object.keys(inputs)) if (!owners.has(file)) owners.set(file, rest);
  return owners;
}

/**
 * Modules and all that they import statically.
 *
 * @param {string[]} entries
 * @param {Metafile['inputs']} inputs
 * @returns {Set<string>}
 */
function neededBy(entries, inputs) {
  const needed = new Set(entries);
  for (const file of needed)
    for (const { path, kind, external } of inputs[file]?.imports ?? [])
      if (!external && kind !== 'dynamic-import') needed.add(path);
  return needed;
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
 * The names that modules export. One that is none of ES has none.
 *
 * @param {string[]} files
 * @param {BuildOptions & { absWorkingDir: string }} options
 * @returns {Promise<Map<string, string[]>>}
 */
async function exportsOf(files, options) {
  const { metafile } = await build({
    ...options,
    entryPoints: Object.fromEntries(files.map((file, index) => [`${index}`, file])),
    format: 'esm',
    splitting: true,
    outdir: 'dist',
    metafile: true,
  });
  return new Map(
    Object.values(metafile.outputs).map(({ entryPoint = '', exports }) => [entryPoint, exports]),
  );
}

/** What stands before the paths of modules that are in another bundle. */
const OTHER_BUNDLE = 'other-bundle';

/**
 * Modules of other bundles, which are asked for them when they are needed. What is imported statically of them is taken out once:
 * else esbuild makes an object with a getter for all that they export, wherever one is imported, for which every start and every
 * call would pay.
 *
 * @param {object} all
 * @param {string} all.name
 * @param {Metafile['inputs']} all.inputs
 * @param {Map<string, string>} all.owners
 * @param {Map<string, string[]>} all.exported
 * @returns {Plugin}
 */
function otherBundles({ name, inputs, owners, exported }) {
  const namespace = OTHER_BUNDLE;
  return {
    name: 'other-bundles',
    setup({ onResolve, onLoad, initialOptions }) {
      const root = `${initialOptions.absWorkingDir ?? ''}/`;
      onResolve({ filter: /\.cjs$/, namespace }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /./, namespace: 'file' }, ({ path, importer, kind }) => {
        const file = importer.replaceAll('\\', '/').replace(root.replaceAll('\\', '/'), '');
        const target = inputs[file]?.imports.find(({ original }) => original === path)?.path;
        const isElsewhere = target !== undefined && owners.has(target) && owners.get(target) !== name;
        // Not its own name, which would say in which language it is.
        if (!isElsewhere) return undefined;
        const isLater = kind === 'dynamic-import';
        return { path: `${target}/${isLater ? 'later' : ''}`, namespace, pluginData: { target, isLater } };
      });
      onLoad({ filter: /./, namespace }, ({ pluginData: { target, isLater } }) => {
        const module = `require('./${owners.get(target) ?? ''}.cjs').${nameOf(target, inputs)}`;
        const names = exported.get(target) ?? [];
        if (isLater || names.length === 0) return { contents: `module.exports = ${module};` };
        // "Pure": what is not used may be left out.
        const taken = names.map((each, index) => `const e${index} = /* @__PURE__ */ (() => m.${each})();`);
        const given = names.map((each, index) => `e${index} as ${each}`);
        return { contents: `const m = ${module};${taken.join('')}export { ${given.join()} };` };
      });
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

/**
 * What bundles call a module among themselves: a path at each of a hundred places would be kilobytes at each start.
 *
 * @param {string} file
 * @param {Metafile['inputs']} inputs
 */
function nameOf(file, inputs) {
  return `m${Object.keys(inputs).indexOf(file)}`;
}
