import { readdir } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../support/loopback.ts';
import { bundle, COLLECTING_PROGRAM, endOf, startNode } from '../support/own-process.ts';
import { World } from '../support/world/world.ts';

let world: World;
let program: string;
let temporary: string;

beforeAll(async () => {
  world = await World.open();
  program = await bundle(COLLECTING_PROGRAM, await world.subdirectory('program'));
  return () => world.close();
});

let count = 0;

beforeEach(async () => {
  temporary = await world.subdirectory(`temporary-${count++}`);
});

/** Runs the program in a process of its own, which gets this signal when it is in the middle of a download. */
async function interrupted(sent: NodeJS.Signals) {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1 << 20 }).write('x');
    void whenThere('archive.tgz').then(() => {
      child.kill(sent);
    });
  });
  const child = startNode(program, ['inspect', `${url}/hello-0.1.0.tgz`, '--keyring', world.keyring], {
    TMPDIR: temporary,
    HOME: world.directory,
  });
  const { status, stderr } = await endOf(child);
  return { status, signal: child.signalCode, stderr };
}

async function whenThere(file: string): Promise<void> {
  while (!(await readdir(temporary, { recursive: true })).some((name) => name.endsWith(file)))
    await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('what is fetched is gone', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('after %s', async (signal) => {
    expect(await interrupted(signal)).toMatchObject({ status: 5 });
    expect(await readdir(temporary)).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGQUIT'] as const)(
    'after %s, when the next run fetches something',
    async (sent) => {
      const { signal } = await interrupted(sent);
      expect(signal).toBe(sent);
      expect(await readdir(temporary), 'what nobody could remove').toHaveLength(1);
      const { url } = await serve((_, response) => response.writeHead(404).end());
      const argv = ['inspect', `${url}/hello-0.1.0.tgz`, '--keyring', world.keyring];
      expect(await world.run(argv, { env: { TMPDIR: temporary } })).toMatchObject({ status: 4 });
      expect(await readdir(temporary)).toEqual([]);
    },
  );
});
