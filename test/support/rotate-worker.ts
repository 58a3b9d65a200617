import fs, { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process, { argv } from 'node:process';

// A process that rotates the log in a directory, and is killed before its call to the file system with this number, from 1. It
// says how many calls it made, when it made fewer.
const [, , directory = '', kill = ''] = argv;
let calls = 0;
const changing = ['rename', 'mkdir', 'rm', 'open'] as const;
for (const name of changing) {
  const real = fs.promises[name] as (...args: unknown[]) => unknown;
  const counted = (...args: unknown[]): unknown => {
    if (++calls === Number(kill)) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
  Object.assign(fs.promises, { [name]: counted });
}
syncBuiltinESMExports();
const { rotateLog } = await import('../../src/embedded-log/rotation/rotate.ts');
await rotateLog(directory);
writeSync(1, `${calls}\n`);
