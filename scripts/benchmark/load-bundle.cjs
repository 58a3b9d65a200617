// Gets the code of one bundle ready to run, and prints the CPU time that this took, in milliseconds.
//
// load-bundle.cjs DIST NAME [compiled]: with what was compiled at the build, or without
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { beginningOf, compiledFile, scriptOf } = require('../../bin/bundles.cjs');

const [dist = '', name = '', mode] = process.argv.slice(2);
const file = path.join(dist, name);
// What only the first script of a process costs is not a bundle's.
scriptOf(readFileSync(__filename), __filename).runInThisContext();
const before = process.cpuUsage();
const source = readFileSync(file);
const compiled =
  mode === 'compiled'
    ? readFileSync(compiledFile(dist, name)).subarray(beginningOf(source).length)
    : undefined;
const script = scriptOf(source, file, compiled);
script.runInThisContext();
const { user, system } = process.cpuUsage(before);
if (script.cachedDataRejected) throw new Error(`${name} was compiled for another Node`);
console.log((user + system) / 1000);
