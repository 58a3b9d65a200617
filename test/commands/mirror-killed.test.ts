import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, endOf, startNode } from '../support/own-process.ts';
import { World } from '../support/world/world.ts';

/** The whole program, which kills itself before it does something to a file, at the moment of which it is told. */
const DYING_PROGRAM = `
  import promises from 'node:fs/promises';
  import { processContext, run } from './src/main.ts';
  let left = Number(process.env['KILL_AT']);
  for (const name of ['open', 'rename', 'mkdir', 'rm']) {
    const original = promises[name];
    promises[name] = async (...argv) => {
      if (--left === 0) process.kill(process.pid, 'SIGKILL');
      return await original(...argv);
    };
  }
  run(process.argv.slice(2), processContext()).then((status) => {
    process.stdout.write('operations left: ' + left);
    process.exitCode = status;
  });
`;

const MANY = 100_000;

let world: World;
let program: string;
let charts: string[];

beforeAll(async () => {
  world = await World.open();
  program = await bundle(DYING_PROGRAM, await world.subdirectory('program'));
  charts = [];
  for (const name of ['one', 'three']) charts.push((await world.keptChart(name)).path);
  charts.push((await world.loggedChart('two')).path);
});

afterAll(async () => {
  await world.close();
});

async function killedAt(at: number, to: string) {
  const argv = ['mirror', ...charts, '--to', to, ...world.knowing()];
  return await endOf(startNode(program, argv, { KILL_AT: String(at), HOME: world.user.home }));
}

/** All files below a directory; the times of verdicts, and what depends on them, are left out. */
async function contentsOf(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (path) => {
    const text = (await readFile(path)).toString('latin1');
    const timeless = text.replaceAll(/"[0-9T:-]{19}Z"/g, 'TIME').replace(/.*"path":"index.yaml".*\n/, '');
    return [path.slice(directory.length + 1), timeless] as const;
  });
  return Object.fromEntries((await Promise.all(pairs)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** So many moments, spread over a run. */
const MOMENTS = 20;

test('a run that is killed at any moment leaves no half file, and the next one ends as if nothing had been', async () => {
  const reference = join(world.directory, 'whole');
  const { status, stdout } = await killedAt(MANY, reference);
  expect(status).toBe(0);
  const whole = await contentsOf(reference);
  // How many times a run that is not killed does something to a file.
  const operations = MANY - Number(/operations left: ([0-9]+)$/.exec(stdout)?.[1]);
  expect(operations).toBeGreaterThan(30);
  const step = Math.ceil(operations / MOMENTS);
  const left = new Set<string>();
  let killed = 0;
  for (let at = 1; at <= operations; at += step) {
    const to = join(world.directory, `killed-${at}`);
    const ran = await killedAt(at, to);
    // The first run wrote history as well: a later one may have done all of its work before its last moments.
    if (ran.status === 0 && at > operations / 2) break;
    expect(ran).toMatchObject({ status: null });
    killed++;
    const after = await contentsOf(to).catch(() => ({}));
    for (const [path, text] of Object.entries(after)) {
      left.add(path.replace(/^\.partial\/.*/, '.partial'));
      // Index and manifest are of what had been done by then.
      if (!/^\.|^(?:index\.yaml|manifest\.json)$/.test(path)) expect(text, path).toBe(whole[path]);
    }
    const argv = ['mirror', ...charts, '--to', to, ...world.knowing()];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
    expect(await contentsOf(to)).toEqual(whole);
  }
  expect(killed).toBeGreaterThan(MOMENTS / 2);
  // What is left differs from moment to moment.
  expect([...left]).toEqual(expect.arrayContaining(['.lock', 'manifest.json', 'one-0.1.0.tgz']));
});
