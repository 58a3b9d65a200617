import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChartOnDisk } from '../support/chart.ts';
import { HelmStandIn } from '../support/helm-stand-in.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { serveFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: ChartOnDisk;

const NAME = 'hello-0.1.0.tgz';
const ERASED = '\r\u001b[K';

beforeAll(async () => {
  world = await World.open();
  hello = await world.loggedChart('hello');
});

afterAll(async () => {
  await world.close();
});

/** A run whose clock a server sets, and what it wrote to which stream, in order. */
class WatchedRun {
  readonly written: [stream: 'stdout' | 'stderr', text: string][] = [];
  time = Math.floor(Date.now() / 1000);
  /** Called when the terminal shows that something is being fetched. */
  whenShown: () => void = () => undefined;

  async run(argv: readonly string[], isTerminal: boolean, env = {}, interrupted?: AbortSignal) {
    return await world.run([...argv, '--keyring', world.keyring], {
      env: { TMPDIR: world.directory, ...env },
      isTerminal,
      clock: () => this.time,
      onStdout: (text) => this.written.push(['stdout', text]),
      onStderr: (text) => {
        this.written.push(['stderr', text]);
        if (text.includes('fetching ')) this.whenShown();
      },
      ...(interrupted && { interrupted }),
    });
  }

  /** The first line of stdout comes when the line on the terminal is gone. */
  expectWiped(shown: string): void {
    const line = this.written.findIndex(([, text]) => text === `${ERASED}${shown}\r`);
    expect(line, JSON.stringify(this.written)).toBeGreaterThanOrEqual(0);
    const result = this.written.findIndex(([stream]) => stream === 'stdout');
    const before = this.written.slice(line, result).filter(([stream]) => stream === 'stderr');
    expect(before.at(-1)).toEqual(['stderr', ERASED]);
    expect(this.written.slice(result).filter(([stream]) => stream === 'stderr')).toEqual([]);
  }
}

/** A server that gives the first half of the archive, and the second one when it is told to. */
async function slowServer(onHalf: (rest: () => void) => void) {
  return await serveFiles({
    [`/${NAME}.prov`]: hello.provenance,
    [`/${NAME}`]: (_, response) => {
      response.writeHead(200, { 'content-length': hello.archive.length });
      const half = Math.floor(hello.archive.length / 2);
      onHalf(() => response.end(hello.archive.subarray(half)));
      response.write(hello.archive.subarray(0, half));
    },
  });
}

describe('a download that takes long', () => {
  test('is shown on a terminal, and no more when there is a result', async () => {
    const watched = new WatchedRun();
    const { url } = await slowServer((rest) => {
      watched.time += 10;
      watched.whenShown = rest;
    });
    const { status } = await watched.run(['inspect', `${url}/${NAME}`], true);
    expect(status).toBe(0);
    watched.expectWiped(`fetching ${url}/${NAME}: 0 MB`);
  });

  test('is shown as well where nothing arrives, from a registry', async () => {
    const watched = new WatchedRun();
    const registry = await serveRegistry({
      instead: ({ url }, response) => {
        if (!url.includes('/blobs/') || watched.written.length > 0) return false;
        watched.time += 10;
        watched.whenShown = () => response.writeHead(500).end();
        return true;
      },
    });
    const provenance = Buffer.from(hello.provenance).toString('utf8');
    registry.store.addChart('charts/hello', hello.archive, '0.1.0', provenance);
    const reference = `oci://${registry.host}/charts/hello:0.1.0`;
    // What failed is tried again.
    expect((await watched.run(['inspect', reference], true)).status).toBe(0);
    watched.expectWiped(`fetching ${reference}`);
  });

  test('by a Helm that says nothing is shown as well', async () => {
    const watched = new WatchedRun();
    const helm = await HelmStandIn.create(await world.subdirectory('bin'));
    await helm.willPull({ hangs: true });
    const home = await world.subdirectory('helm');
    await writeFile(
      join(home, 'repositories.yaml'),
      'repositories: [{ name: mine, url: "http://127.0.0.1:1" }]\n',
    );
    const user = new AbortController();
    watched.whenShown = () => {
      user.abort();
    };
    const env = { HELM_BIN: helm.program, HELM_CONFIG_HOME: home, HELM_REPOSITORY_CACHE: home };
    const running = watched.run(['inspect', 'mine/hello'], true, env, user.signal);
    while ((await helm.called().catch(() => undefined)) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 10));
    watched.time += 10;
    expect((await running).status).toBe(5);
    expect(watched.written[0]).toEqual(['stderr', `${ERASED}fetching mine/hello\r`]);
    expect(watched.written[1]).toEqual(['stderr', ERASED]);
  });

  test('is not shown where nobody sits at a terminal', async () => {
    const watched = new WatchedRun();
    const { url } = await slowServer((rest) => {
      watched.time += 10;
      setImmediate(rest);
    });
    const { status, stderr } = await watched.run(['inspect', `${url}/${NAME}`], false);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

test('a download that takes no time is not shown', async () => {
  const watched = new WatchedRun();
  const { url } = await slowServer((rest) => setImmediate(rest));
  const { status, stderr } = await watched.run(['inspect', `${url}/${NAME}`], true);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
