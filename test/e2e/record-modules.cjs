// Loaded into the program before it starts: writes which of its bundles are loaded, and which modules of Node these ask
// for, into the file that MODULES_FILE names.
'use strict';

const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

/** @typedef {(request: string, parent: { path?: string } | undefined, ...rest: unknown[]) => unknown} Load */
const loader = /** @type {{ _load: Load }} */ (/** @type {unknown} */ (Module));
const load = loader._load;
const dist = path.join(__dirname, '..', '..', 'dist');
const bundles = new Set();
const builtins = new Set();

/** @type {Load} */
loader._load = (request, parent, ...rest) => {
  const { dir, base, ext } = path.parse(path.resolve(parent?.path ?? '', request));
  if (ext === '.cjs' && dir === dist) bundles.add(base);
  else if (parent?.path === dist) builtins.add(request.replace(/^node:/, ''));
  return load.call(loader, request, parent, ...rest);
};

process.on('exit', () => {
  const loaded = { bundles: [...bundles].sort(), builtins: [...builtins].sort() };
  writeFileSync(process.env['MODULES_FILE'] ?? '', JSON.stringify(loaded));
});
