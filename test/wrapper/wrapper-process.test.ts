import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltProgram } from '../support/built-program.ts';
import { World } from '../support/world/world.ts';

let world: World;
let program: BuiltProgram;
let hello: Awaited<ReturnType<World['keptChart']>>;
let helm: string;
let temporary: string;

/** A script in place of a Helm, as people have them. */
const SCRIPT = (help: string, place: string) => `#!/bin/sh
case "$*" in
  *--help) exec cat '${help}' ;;
  *slow*)
    sleep 60 > /dev/null 2>&1 &
    trap "kill $!; exit 42" TERM
    trap "kill $!; exit 43" INT
    trap "kill $!; exit 44" HUP
    # A shell may lose a signal while it starts a program, so it starts none from here on.
    echo ready
    wait ;;
  *killed*) kill -KILL $$ ;;
esac
touch '${place}/called'
printf 'a\\000b\\377\\r\\n\\033[31mno end'
printf 'to stderr\\033[0m' >&2
exit 7
`;

beforeAll(async () => {
  [world, program] = await Promise.all([World.open(), BuiltProgram.make()]);
  hello = await world.keptChart('hello');
  helm = join(await world.subdirectory('a bin'), 'helm script');
  const help = join(import.meta.dirname, 'helm-help', 'template.txt');
  await writeFile(helm, SCRIPT(help, world.directory));
  await chmod(helm, 0o755);
  temporary = await world.subdirectory('temporary');
});

afterAll(async () => {
  await program.remove();
  await world.close();
});

function start(
  words: readonly string[],
  cwd = world.directory,
  more: Record<string, string> = {},
  before = world.knowing(),
) {
  const env = { HELM_BIN: helm, TMPDIR: temporary, HOME: world.user.home, ...more };
  return program.start([...before, ...words], { cwd, env });
}

async function ended(child: ReturnType<typeof start>) {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr?.on('data', (piece: Buffer) => stderr.push(piece));
  const [status] = (await once(child, 'close')) as [number | null];
  return {
    status,
    stdout: Buffer.concat(stdout).toString('latin1'),
    stderr: Buffer.concat(stderr).toString('latin1'),
  };
}

test('stdout, stderr and status of Helm, which may be a script, come through byte for byte', async () => {
  expect(await ended(start(['template', 'a', hello.path]))).toEqual({
    status: 7,
    stdout: 'a\0b\xff\r\n\u001b[31mno end',
    stderr: 'to stderr\u001b[0m',
  });
  expect(await readdir(temporary)).toEqual([]);
});

test.each([
  ['SIGTERM', 42],
  ['SIGINT', 43],
  ['SIGHUP', 44],
] as const)(
  '%s goes to Helm, whose status is the answer, and nothing is left behind',
  async (signal, status) => {
    const child = start(['template', 'slow', hello.path]);
    child.stdout?.once('data', () => child.kill(signal));
    expect((await ended(child)).status).toBe(status);
    expect(await readdir(temporary)).toEqual([]);
  },
);

test('a Helm that a signal ends: the status is that which a shell gives', async () => {
  expect((await ended(start(['template', 'killed', hello.path]))).status).toBe(128 + 9);
});

test('a directory with the name of a chart in a repository, which Helm would prefer, is not taken', async () => {
  const [place, config] = [await world.subdirectory('shadow'), await world.subdirectory('config')];
  await mkdir(join(place, 'mine', 'hello'), { recursive: true });
  await copyFile(hello.path, join(place, 'mine', 'world'));
  await writeFile(
    join(config, 'repositories.yaml'),
    'apiVersion: ""\nrepositories:\n- name: mine\n  url: http://127.0.0.1:1\n',
  );
  await writeFile(join(config, 'mine-charts.txt'), 'hello\nworld\n');
  const env = { HELM_REPOSITORY_CONFIG: join(config, 'repositories.yaml'), HELM_REPOSITORY_CACHE: config };
  const called = join(world.directory, 'called');
  await rm(called, { force: true });
  const allowing = [
    '--policy',
    await world.write('allowing.yaml', 'version: 1\nunpacked: allow\notherwise: allow\n'),
  ];
  for (const chart of ['mine/hello', 'mine/world'])
    for (const before of [world.knowing(), allowing]) {
      const { status, stdout, stderr } = await ended(start(['template', 'a', chart], place, env, before));
      expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
      if (before === allowing) expect(stderr).toContain('may be a chart of the repository mine as well');
    }
  expect(existsSync(called)).toBe(false);
});
