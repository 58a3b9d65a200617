// Runs vitest with variables that are set on every platform in the same way:
//   node scripts/vitest.mjs SLOW_TESTS=1 run [argument...]
import { spawn } from 'node:child_process';
import path from 'node:path';

const words = process.argv.slice(2);
const count = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
const variables = words
  .slice(0, count)
  .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
const vitest = path.join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');

const child = spawn(process.execPath, [vitest, ...words.slice(count)], {
  stdio: 'inherit',
  env: { ...process.env, ...Object.fromEntries(variables) },
});
child.on('close', (status) => (process.exitCode = status ?? 1));
