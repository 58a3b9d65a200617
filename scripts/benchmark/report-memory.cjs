// Loaded into a process to be measured: says at its end how much memory was resident at most. Not resourceUsage(): its
// maximum counts what the parent process had when it started this one.
'use strict';

const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => {
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeSync(2, `peak ${peak} KiB\n`);
});
