// Runs a check of all sources, without the part whose answer is known: `node scripts/lint/checked.mjs code|format|words`.
// What passed is remembered outside the checkout by content, never by time, so that a fresh clone knows it as well; what
// did not pass is never remembered. `--anew` forgets all of it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { cacheRoot } from '../binary-cache.mjs';
import { keysOf } from './import-keys.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [check = '', ...options] = process.argv.slice(2);
const memory = path.join(cacheRoot(), 'lint');

/** What all findings depend on, with all that these import: the rules, how they are run, the compiler, every package. */
const COMMON = ['eslint.config.mjs', 'scripts/lint/checked.mjs', 'tsconfig.json', 'package-lock.json'];

/** How many keys are kept: those of some branches. */
const MOST = 20_000;

/** Prettier and cspell remember contents of files under their paths: each checkout has its own memory. */
const own = createHash('sha256').update(root).digest('hex').slice(0, 12);

/** @type {Record<string, () => number | Promise<number>>} */
const checks = {
  format: () =>
    run('prettier/bin/prettier.cjs', [
      ...['--check', '.', '--cache', '--cache-strategy', 'content'],
      ...['--cache-location', file(`format-${own}.json`)],
    ]),
  code: lintCode,
  words: () =>
    run('cspell/bin.mjs', [
      ...['lint', '--no-progress', '--no-summary', '--cache', '--cache-strategy', 'content'],
      ...['--cache-location', file(`words-${own}.json`)],
    ]),
};

const chosen = checks[check];
if (chosen === undefined)
  throw new Error(`expected one of ${Object.keys(checks).join(', ')}, found ${check}`);
if (options.includes('--anew')) rmSync(memory, { recursive: true, force: true });
mkdirSync(memory, { recursive: true });
process.exitCode = await chosen();

/** @param {string} name */
function file(name) {
  return path.join(memory, name);
}

/**
 * @param {string} program in node_modules
 * @param {string[]} argv
 */
function run(program, argv) {
  const { status } = spawnSync(process.execPath, [path.join(root, 'node_modules', program), ...argv], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
}

/** As `eslint --max-warnings 0 .`, of the files of which no finding is known to be absent. */
async function lintCode() {
  const eslint = new ESLint({ cwd: root });
  const texts = new Map(filesOfCheckout().map((name) => [name, readFileSync(path.join(root, name), 'utf8')]));
  const keys = keysOf(texts, COMMON);
  const passed = readPassed();
  const found = [];
  for (const [name, key] of keys) if (!passed.has(key) && (await isLinted(eslint, name))) found.push(name);
  const results = found.length === 0 ? [] : await eslint.lintFiles(found);
  const good = results.filter(({ messages }) => messages.length === 0);
  for (const { filePath } of good)
    passed.add(keys.get(path.relative(root, filePath).replaceAll(path.sep, '/')) ?? '');
  // Replaced in one step: others may be reading it.
  const scratch = file(`code-${process.pid}.json`);
  writeFileSync(scratch, JSON.stringify([...passed].slice(-MOST)));
  renameSync(scratch, file('code.json'));
  const formatter = await eslint.loadFormatter('stylish');
  process.stdout.write(await formatter.format(results));
  console.log(`${results.length} files looked at, ${keys.size} in the checkout`);
  return good.length === results.length ? 0 : 1;
}

/**
 * @param {ESLint} eslint
 * @param {string} name
 */
async function isLinted(eslint, name) {
  return /\.(?:ts|js|mjs|cjs)$/.test(name) && !(await eslint.isPathIgnored(name));
}

/** All that git has or would add, and that is there. */
function filesOfCheckout() {
  const argv = ['ls-files', '-z', '-co', '--exclude-standard', '--deduplicate'];
  const { status, stdout } = spawnSync('git', argv, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error('git does not list the files of this checkout');
  const gone = new Set(
    spawnSync('git', ['ls-files', '-z', '-d'], { cwd: root, encoding: 'utf8' }).stdout.split('\0'),
  );
  return stdout.split('\0').filter((name) => name !== '' && !gone.has(name));
}

/** @returns {Set<string>} */
function readPassed() {
  try {
    return new Set(JSON.parse(readFileSync(file('code.json'), 'utf8')));
  } catch {
    return new Set();
  }
}
