// Loaded into the program before it starts: whatever would connect, look up a name, listen or start another program ends
// it with status 97, and says so.
'use strict';

const NEEDED_BY_NOBODY = {
  net: ['connect', 'createConnection', 'createServer'],
  tls: ['connect'],
  dgram: ['createSocket'],
  http: ['request', 'get'],
  https: ['request', 'get'],
  http2: ['connect'],
  dns: ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6'],
  'dns/promises': ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6'],
  child_process: ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
  worker_threads: ['Worker'],
};

/** @param {string} what */
function forbid(what) {
  return () => {
    process.stderr.write(`FORBIDDEN: ${what}\n`);
    process.exit(97);
  };
}

for (const [name, functions] of Object.entries(NEEDED_BY_NOBODY)) {
  /** @type {Record<string, unknown>} */
  const module_ = require(`node:${name}`);
  for (const each of functions) module_[each] = forbid(`${name}.${each}`);
}
/** @type {{ prototype: Record<string, unknown> }} */
const socket = /** @type {never} */ (require('node:net').Socket);
socket.prototype['connect'] = forbid('net.Socket.connect');
Object.assign(globalThis, { fetch: forbid('fetch') });
