// Loaded into the program before it starts: writes which of its bundles are loaded, and which modules of Node these ask
// for, into the file that MODULES_FILE names. Bundles that were compiled ahead are loaded by bin/bundles.cjs, others by
// Node itself.
'use strict';

const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** @typedef {(request: string, parent: { path?: string, filename?: string } | undefined, ...rest: unknown[]) => unknown} Load */
const loader = /** @type {{ _load: Load }} */ (/** @type {unknown} */ (Module));
const load = loader._load;
const root = path.join(__dirname, '..', '..');
const dist = path.join(root, 'dist');
const ownLoader = path.join(root, 'bin', 'bundles.cjs');
const bundles = new Set();
const builtins = new Set();

/** @type {Load} */
loader._load = (request, parent, ...rest) => {
  const { dir, base, ext } = path.parse(path.resolve(parent?.path ?? '', request));
  if (ext === '.cjs' && dir === dist) bundles.add(base);
  else if (parent?.path === dist || parent?.filename === ownLoader)
    builtins.add(request.replace(/^node:/, ''));
  return load.call(loader, request, parent, ...rest);
};

vm.Script = class extends vm.Script {
  /** @param {ConstructorParameters<typeof vm.Script>} made */
  constructor(...made) {
    super(...made);
    const [, { filename = '' }] = /** @type {[string, vm.ScriptOptions]} */ (made);
    if (path.dirname(filename) === dist) {
      bundles.add(path.basename(filename));
      if (this.cachedDataRejected !== false) throw new Error(`${filename} is compiled at this start`);
    }
  }
};

process.on('exit', () => {
  const loaded = { bundles: [...bundles].sort(), builtins: [...builtins].sort() };
  writeFileSync(process.env['MODULES_FILE'] ?? '', JSON.stringify(loaded));
});
