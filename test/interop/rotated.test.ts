import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { InteropWorld } from './interop-world.ts';
import type { KnownLog } from './known-log.ts';
import { asSent, type PublishedChart } from './publishers.ts';
import { freePort } from './stack/free-port.ts';
import { Part } from './stack/part.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)(
  'the embedded log after "log rotate", for rekor-cli and the plugin (needs a real Rekor)',
  () => {
    if (interop === undefined) return;
    let directory: string;
    let home: string;
    let world: InteropWorld;
    let server: Part;
    let port: number;
    /** With the keys of both trees. */
    let log: KnownLog;
    let trees: readonly [string, string];
    let old: Logged;
    let recent: Logged;
    let empty: Logged;

    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'rotated-'));
      home = path.join(directory, 'log');
      world = await InteropWorld.open(interop);
      port = await freePort();
      await serve();
      const before = { url: `http://127.0.0.1:${port}`, publicKey: path.join(home, 'public-key.pem') };
      await upload(before);
      old = await upload(before);
      // It remembers the first tree, and asks for its proof later.
      expect(await world.rekorCli.logInfo({ url: before.url })).toMatchObject({ totalSize: 2 });
      const { treeId } = await world.plugin.logInfo(before);
      const first = await readFile(before.publicKey, 'utf8');
      await rotate();
      const second = await readFile(before.publicKey, 'utf8');
      const publicKey = path.join(directory, 'both.pem');
      await writeFile(publicKey, first + second);
      log = { url: before.url, publicKey };
      recent = await upload(log);
      trees = [treeId, (await world.plugin.logInfo(log)).treeId];
    });

    afterAll(async () => {
      await server.kill();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    });

    it('has entries of both trees, which both clients verify', async () => {
      for (const { uuid, chart } of [old, recent]) {
        expect(await world.plugin.verify(log, chart)).toBe(uuid);
        expect(await world.rekorCli.verifyEntry({ url: log.url }, ['--uuid', uuid])).toBe(uuid);
        expect(await world.rekorCli.search(log, { sha256: chart.sha256 })).toEqual([uuid]);
      }
    });

    it('counts indexes through both trees, and knows entries by 64 and by 80 digits', async () => {
      for (const [{ uuid }, index] of [
        [old, 1],
        [recent, 2],
      ] as const) {
        for (const name of [uuid, uuid.slice(-64)])
          expect(await world.rekorCli.getEntry({ url: log.url }, ['--uuid', name])).toEqual({ uuid, index });
        expect(await world.rekorCli.getEntry({ url: log.url }, ['--log-index', String(index)])).toMatchObject(
          { uuid },
        );
      }
    });

    it('shows both trees, and rekor-cli adds them up', async () => {
      expect(await world.rekorCli.logInfo({ url: log.url })).toMatchObject({
        treeId: trees[1],
        totalSize: 3,
      });
      const { status, trees: shown = [] } = await world.plugin.ask(log, ['log', 'info']);
      expect(status).toBe(0);
      expect(shown).toMatchObject([
        { treeId: trees[1], state: 'active', treeSize: 1 },
        { treeId: trees[0], state: 'inactive', treeSize: 2 },
      ]);
    });

    it('may have one leaf in both trees, and the older entry counts', async () => {
      const again = await world.rekorCli.upload({ url: log.url }, asSent(old.chart));
      expect(again).toMatchObject({ outcome: 'created' });
      expect(await world.plugin.verify(log, old.chart)).toBe(old.uuid);
      expect(await world.rekorCli.upload({ url: log.url }, asSent(old.chart))).toMatchObject({
        outcome: 'exists',
      });
    });

    it('is rotated twice in a row, with an empty tree between', async () => {
      await rotate();
      await rotate();
      empty = await uploadUnproven();
      expect(await world.rekorCli.verifyEntry({ url: log.url }, ['--uuid', empty.uuid])).toBe(empty.uuid);
      expect(await world.rekorCli.verifyEntry({ url: log.url }, ['--uuid', old.uuid])).toBe(old.uuid);
      expect(await world.rekorCli.getEntry({ url: log.url }, ['--log-index', '4'])).toMatchObject({
        uuid: empty.uuid,
      });
      expect(await world.rekorCli.logInfo({ url: log.url })).toMatchObject({ totalSize: 5 });
    });

    async function serve(): Promise<void> {
      const argv = [launcher(), 'log', 'serve', '--dir', home, '--listen', `127.0.0.1:${port}`];
      server = await Part.start({ command: process.execPath, argv, directory, name: 'log-serve', port });
    }

    async function rotate(): Promise<void> {
      await server.kill();
      await promisify(execFile)(process.execPath, [launcher(), 'log', 'rotate', '--dir', home]);
      await serve();
    }

    function launcher(): string {
      return interop?.launcher ?? '';
    }

    /** A chart of its own, and its entry. */
    async function upload(to: KnownLog): Promise<Logged> {
      const chart = await world.chart('P-256');
      const uploaded = await world.plugin.upload(to, chart);
      if (uploaded.outcome !== 'created') throw new Error(JSON.stringify(uploaded));
      return { chart, uuid: uploaded.uuid };
    }

    async function uploadUnproven(): Promise<Logged> {
      const chart = await world.chart('P-256');
      const uploaded = await world.rekorCli.upload({ url: log.url }, asSent(chart));
      if (uploaded.outcome !== 'created') throw new Error(JSON.stringify(uploaded));
      return { chart, uuid: uploaded.uuid };
    }
  },
);

interface Logged {
  readonly chart: PublishedChart;
  readonly uuid: string;
}
