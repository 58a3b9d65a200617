import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ChartOnDisk } from '../support/chart.ts';
import { serve, type LoopbackServer } from '../support/loopback.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: ChartOnDisk;
let temporary: string;

const NAME = 'hello-0.1.0.tgz';
/** Many more than are in work at a time. */
const MANY = 60;
/** Charts in work, or done and waiting for an earlier one. */
const AT_A_TIME = 16;

beforeAll(async () => {
  world = await World.open();
  hello = await world.loggedChart('hello');
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
});

/** How many archives are there now. */
async function archives(): Promise<number> {
  const names = await readdir(temporary, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.tgz')).length;
}

/** A server of the same chart at any number of paths, and the most archives that were there when it was asked. */
async function watchingServer(): Promise<LoopbackServer & { readonly most: () => number }> {
  let most = 0;
  const server = await serve((request, response) => {
    const { url = '' } = request;
    const found = url.endsWith('.tgz') ? hello.archive : url.endsWith('.prov') ? hello.provenance : undefined;
    void archives().then((count) => {
      most = Math.max(most, count);
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
  });
  return { ...server, most: () => most };
}

async function listOf(url: string): Promise<string> {
  const lines = Array.from({ length: MANY }, (_, number) => `${url}/${number}/${NAME}\n`);
  return await world.write('list', lines.join(''));
}

test.each<[command: string, argv: readonly string[], most: number]>([
  ['verify', ['verify'], AT_A_TIME],
  ['inspect', ['inspect'], AT_A_TIME],
  ['mirror', ['mirror', '--to'], AT_A_TIME],
  ['policy init', ['policy', 'init'], 1],
])('%s of many charts needs the space of those in work', async (command, argv, most) => {
  const server = await watchingServer();
  const site = command === 'mirror' ? [join(await world.subdirectory('mirrors'), 'site')] : [];
  const known =
    command === 'verify' || command === 'mirror' ? world.knowing() : ['--keyring', world.keyring];
  const { status, stdout } = await world.run(
    [...argv, ...site, '--from-file', await listOf(server.url), '--output', 'json', ...known],
    { env: { TMPDIR: temporary } },
  );
  expect(status).toBe(0);
  const { results, charts } = JSON.parse(stdout) as Record<string, readonly unknown[] | undefined>;
  expect((results ?? charts)?.length).toBe(MANY);
  expect(server.seen.filter(({ url }) => url.endsWith('.tgz'))).toHaveLength(MANY);
  expect(server.most()).toBeGreaterThan(0);
  expect(server.most()).toBeLessThanOrEqual(most);
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});
