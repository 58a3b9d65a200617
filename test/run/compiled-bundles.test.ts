import { mkdtemp, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { bundleLoader, compiledFile, beginningOf, scriptOf } from '../../bin/bundles.cjs';
import { compileBundles } from '../../scripts/compile.mjs';

const FIRST = 'first.cjs';
const SECOND = 'second.cjs';
let dist: string;

beforeEach(async () => {
  dist = await mkdtemp(path.join(tmpdir(), 'bundles-'));
  onTestFinished(() => rm(dist, { recursive: true }));
  await write(FIRST, 'exports.second = () => require("./second.cjs"); exports.path = require("node:path");');
  await write(SECOND, 'exports.sum = () => 1 + 41;');
  await compileBundles(dist, [FIRST, SECOND]);
});

test('V8 takes what was compiled, with every function in it', async () => {
  for (const name of [FIRST, SECOND]) {
    const source = await readFile(path.join(dist, name));
    const bytes = await readFile(compiledFile(dist, name));
    const beginning = beginningOf(source);
    expect(bytes.subarray(0, beginning.length).equals(beginning)).toBe(true);
    const compiled = bytes.subarray(beginning.length);
    expect(scriptOf(source, name, compiled).cachedDataRejected).toBe(false);
    // Without the functions, which V8 compiles when they are called, less is taken out.
    expect(compiled.length).toBeGreaterThan(scriptOf(source, name).createCachedData().length);
  }
});

test('bundles find each other once, and modules of Node', () => {
  const load = bundleLoader(dist, FIRST);
  const first = load?.(FIRST) as First;
  expect(first.second().sum()).toBe(42);
  expect(first.second()).toBe(first.second());
  expect(load?.(FIRST)).toBe(first);
  expect(first.path).toBe(path);
});

test('a bundle that was replaced by one of the same length runs as it is now', async () => {
  await write(SECOND, 'exports.sum = () => 1 + 99;');
  expect(sum()).toBe(100);
});

test('so does one that was replaced by its own beginning', async () => {
  await write(SECOND, 'exports.sum = () => 1 +');
  expect(sum).toThrow(SyntaxError);
});

test('where the first bundle was replaced, nothing compiled is used', async () => {
  await write(FIRST, 'exports.second = () => require("./third_.cjs"); exports.path = require("node:path");');
  expect(bundleLoader(dist, FIRST)).toBeUndefined();
});

test('nothing is used that was compiled for another Node', async () => {
  const file = compiledFile(dist, FIRST);
  const bytes = await readFile(file);
  const at = bytes.indexOf(process.versions.v8);
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
  expect(bundleLoader(dist, FIRST)).toBeUndefined();
});

test('the code for another Node of one bundle is not used either', async () => {
  const file = compiledFile(dist, SECOND);
  // As if it were made of other functions.
  const other = await otherwise('exports.sum = () => 1 + 99;');
  const source = await readFile(path.join(dist, SECOND));
  const beginning = beginningOf(source);
  beginning[beginning.indexOf(process.platform)] = 0x58;
  await writeFile(file, Buffer.concat([beginning, other]));
  expect(sum()).toBe(42);
});

test('where a file of compiled code is cut or missing, the source is compiled', async () => {
  const file = compiledFile(dist, SECOND);
  const { size } = await stat(file);
  for (const left of [size - 1, size - 100, 10, 0]) {
    await truncate(file, left);
    expect(sum(), String(left)).toBe(42);
  }
  await rm(file);
  expect(sum()).toBe(42);
});

test('a bundle that fails is evaluated again by the next who needs it', async () => {
  await write(
    SECOND,
    'if ((globalThis.triesOfBundle = (globalThis.triesOfBundle ?? 0) + 1) < 2) throw new Error("once"); exports.sum = () => 7;',
  );
  const first = loadFirst();
  expect(() => first.second()).toThrow('once');
  expect(first.second().sum()).toBe(7);
});

test('an error names the place in the bundle as without compiled code', async () => {
  await write(SECOND, 'exports.sum = () => { throw new Error("here"); };');
  await compileBundles(dist, [SECOND]);
  let stack = '';
  try {
    sum();
  } catch (error) {
    stack = (error as Error).stack ?? '';
  }
  expect(stack).toContain(`${path.join(dist, SECOND)}:1:29`);
});

test('the build of the program stays when a bundle is only touched', async () => {
  await utimes(path.join(dist, FIRST), 1, 1);
  expect(bundleLoader(dist, FIRST)).toBeDefined();
});

interface First {
  readonly second: () => { readonly sum: () => number };
  readonly path: unknown;
}

function loadFirst(): First {
  return bundleLoader(dist, FIRST)?.(FIRST) as First;
}

function sum(): number {
  return loadFirst().second().sum();
}

async function otherwise(source: string): Promise<Buffer> {
  await write('other.cjs', source);
  await compileBundles(dist, ['other.cjs']);
  const bytes = await readFile(compiledFile(dist, 'other.cjs'));
  return bytes.subarray(beginningOf(Buffer.from(source)).length);
}

async function write(name: string, source: string): Promise<void> {
  await writeFile(path.join(dist, name), source);
}
