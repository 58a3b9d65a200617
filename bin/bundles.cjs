// Loads the bundles of dist/ with what scripts/compile.mjs made of them, so that a start compiles nothing.
//
// V8 runs compiled code unchecked. So a file of it begins with what it was made for and of: this very Node, and the
// source. Where a byte of that differs, the source is compiled, as it is without such a file. Whoever can write these
// files can write the bundles beside them as well.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');

module.exports = { beginningOf, bundleLoader, compiledFile, scriptOf };

/**
 * A function that loads a bundle by its name and gives what it exports, each once, as `require` does.
 *
 * @param {string} dist the directory of the bundles
 * @param {string} first the bundle that is loaded first
 * @returns {((name: string) => unknown) | undefined} undefined: `first`, as it is, was not compiled for this Node
 * @throws {Error} when `first` cannot be read
 */
function bundleLoader(dist, first) {
  /** @type {Map<string, { exports: unknown }>} */
  const loaded = new Map();
  const node = describeNode();
  return readCompiled(dist, first, node, readSource(first)) && load;

  /** @param {string} name */
  function load(name) {
    const known = loaded.get(name);
    if (known) return known.exports;
    const bundle = { exports: {} };
    loaded.set(name, bundle);
    const source = readSource(name);
    const file = path.join(dist, name);
    const script = scriptOf(source, file, readCompiled(dist, name, node, source));
    try {
      script.runInThisContext().call(bundle.exports, bundle.exports, requireFrom, bundle, file, dist);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
    return bundle.exports;
  }

  /** @param {string} request of a bundle */
  function requireFrom(request) {
    return request.startsWith('./') ? load(request.slice(2)) : require(request);
  }

  /** @param {string} name */
  function readSource(name) {
    return fs.readFileSync(path.join(dist, name));
  }
}

/**
 * A bundle as a script whose value is the function of its module.
 *
 * @param {Buffer} source
 * @param {string} file its path, for traces
 * @param {Buffer} [compiled] what V8 made of it before
 */
function scriptOf(source, file, compiled) {
  const before = '(function (exports, require, module, __filename, __dirname) {';
  return new vm.Script(`${before}${source}\n})`, {
    filename: file,
    columnOffset: -before.length,
    cachedData: compiled,
  });
}

/**
 * The path of what was compiled of a bundle.
 *
 * @param {string} dist
 * @param {string} name
 */
function compiledFile(dist, name) {
  return path.join(dist, 'compiled', name.replace(/\.cjs$/, '.bin'));
}

/**
 * What a file of compiled code begins with.
 *
 * @param {Buffer} source
 */
function beginningOf(source) {
  return Buffer.concat([describeNode(), source]);
}

/** This Node: two builds of one version may differ. */
function describeNode() {
  const { size, mtimeMs } = fs.statSync(process.execPath);
  const { versions, platform, arch } = process;
  return Buffer.from(`${JSON.stringify([versions, platform, arch, size, Math.floor(mtimeMs / 1000)])}\n`);
}

/**
 * What was compiled of this source for this Node; undefined where there is nothing.
 *
 * @param {string} dist
 * @param {string} name
 * @param {Buffer} node
 * @param {Buffer} source
 */
function readCompiled(dist, name, node, source) {
  let bytes;
  try {
    bytes = fs.readFileSync(compiledFile(dist, name));
  } catch {
    return undefined;
  }
  const end = node.length + source.length;
  const isMadeOfThese =
    bytes.subarray(0, node.length).equals(node) && bytes.subarray(node.length, end).equals(source);
  return isMadeOfThese ? bytes.subarray(end) : undefined;
}
