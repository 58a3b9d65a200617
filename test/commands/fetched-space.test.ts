import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import type { ChartOnDisk } from '../support/chart.ts';
import { HelmStandIn } from '../support/helm-stand-in.ts';
import { serve, type LoopbackServer } from '../support/loopback.ts';
import { serveFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: ChartOnDisk;
let temporary: string;

const NAME = 'hello-0.1.0.tgz';
/** Many more than are in work at a time. */
const MANY = 40;
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
  ['policy init', ['policy', 'init'], 1],
])('%s of many charts needs the space of those in work', async (command, argv, most) => {
  const server = await watchingServer();
  const known = command === 'verify' ? world.knowing() : ['--keyring', world.keyring];
  const { status, stdout } = await world.run(
    [...argv, '--from-file', await listOf(server.url), '--output', 'json', ...known],
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

describe('mirror', () => {
  async function mirror(...words: readonly string[]) {
    const site = join(await world.subdirectory('mirrors'), `site-${count++}`);
    const argv = ['mirror', '--to', site, '--output', 'json', ...world.knowing(), ...words];
    const ran = await world.run(argv, { env: { TMPDIR: temporary } });
    expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
    return { ...ran, files: await readdir(site) };
  }
  let count = 0;

  test('fetches each chart once, while others are in work, and keeps only those', async () => {
    const charts = new Map<string, Uint8Array>();
    for (let number = 0; number <= AT_A_TIME; number++) {
      const name = `chart-${number}`;
      const { archive, provenance } = await world.loggedChart(name);
      charts.set(`/${name}-0.1.0.tgz`, archive).set(`/${name}-0.1.0.tgz.prov`, provenance);
    }
    let most = 0;
    const waiting: (() => void)[] = [];
    const { url, seen } = await serve((request, response) => {
      const found = charts.get(request.url ?? '');
      const give = () => response.writeHead(found === undefined ? 404 : 200).end(found);
      void archives().then((present) => {
        most = Math.max(most, present);
        // The first one is not given before a second one is asked for.
        waiting.push(give);
        if (seen.length > 1) for (const each of waiting.splice(0)) each();
      });
    });
    const urls = [...charts.keys()].filter((path) => path.endsWith('.tgz')).map((path) => url + path);
    const { status, files } = await mirror(...urls);
    expect(status).toBe(0);
    expect(files.filter((file) => file.endsWith('.tgz'))).toHaveLength(urls.length);
    expect(seen.filter((each) => each.url.endsWith('.tgz'))).toHaveLength(urls.length);
    expect(most).toBeLessThanOrEqual(AT_A_TIME);
  });

  test('refuses two charts of one name that differ, wherever they are, and copies neither', async () => {
    const other = await world.chart('unlike');
    const signed = await world.publisher.sign('hello', '0.1.0', other.archive);
    const { url } = await serveFiles({
      [`/a/${NAME}`]: hello.archive,
      [`/a/${NAME}.prov`]: hello.provenance,
      [`/b/${NAME}`]: other.archive,
      [`/b/${NAME}.prov`]: signed,
    });
    const [one, two] = [`${url}/a/${NAME}`, `${url}/b/${NAME}`] as const;
    for (const [first, second] of [
      [one, two],
      [two, one],
      [hello.path, two],
    ] as const) {
      const { status, stderr, files } = await mirror(first, second);
      expect(status).toBe(3);
      expect(stderr).toContain(`${first} and ${second} have one name and are not the same file`);
      expect(files).not.toContain(NAME);
    }
    expect(await mirror(one, hello.path, one)).toMatchObject({ status: 0 });
  });

  test('does so where only the repository knows the version', async () => {
    const helm = await HelmStandIn.create(await world.subdirectory('bin'));
    await helm.willPull({ files: { [NAME]: hello.archive, [`${NAME}.prov`]: hello.provenance } });
    const other = await world.chart('unlike');
    const entry = { name: 'hello', version: '0.1.0', urls: [NAME], digest: sha256Hex(hello.archive) };
    const { url } = await serveFiles({
      [`/b/${NAME}`]: other.archive,
      [`/b/${NAME}.prov`]: await world.publisher.sign('hello', '0.1.0', other.archive),
    });
    const home = await world.subdirectory('helm');
    const cache = await world.subdirectory('cache');
    await writeFile(join(home, 'repositories.yaml'), `repositories: [{ name: mine, url: "${url}" }]\n`);
    await writeFile(
      join(cache, 'mine-index.yaml'),
      JSON.stringify({ apiVersion: 'v1', entries: { hello: [entry] } }),
    );
    const site = join(await world.subdirectory('mirrors'), 'pulled');
    const argv = ['mirror', 'mine/hello', `${url}/b/${NAME}`, '--to', site, ...world.knowing()];
    const { status, stderr } = await world.run(argv, {
      env: {
        TMPDIR: temporary,
        HELM_BIN: helm.program,
        HELM_CONFIG_HOME: home,
        HELM_REPOSITORY_CACHE: cache,
      },
    });
    expect(stderr).toContain(`mine/hello and ${url}/b/${NAME} have one name and are not the same file`);
    expect(status).toBe(3);
  });
});
