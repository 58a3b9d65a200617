// Runs the property tests for longer than `npm test` does: npm run fuzz -- --minutes 30
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`Error: --minutes expects a number above 0, found ${values.minutes}`);
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => ({ name, properties: propertiesIn(name) }))
  .filter(({ properties }) => properties > 0);
const properties = files.reduce((sum, file) => sum + file.properties, 0);
// One file at a time, so that each property gets the same share of the time.
const share = Math.ceil((minutes * 60_000) / properties);
console.log(`${properties} properties in ${files.length} files, ${share} ms each`);

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const most = Math.max(...files.map((file) => file.properties));
const limits = ['--no-file-parallelism', '--testTimeout', String(share * most + 60_000)];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...limits, ...files.map(({ name }) => name)], {
  cwd: root,
  env: { ...process.env, FUZZ_MILLISECONDS: String(share) },
  stdio: 'inherit',
});
process.exit(status ?? 1);

/** @param {string} name */
function propertiesIn(name) {
  return readFileSync(join(root, name), 'utf8').split('fc.assert(').length - 1;
}
