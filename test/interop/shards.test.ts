import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newLogKeys } from '../support/log-keys.ts';
import { InteropWorld } from './interop-world.ts';
import type { KnownLog } from './known-log.ts';
import { asSent, type PublishedChart } from './publishers.ts';
import { Redis } from './stack/redis.ts';
import { Rekor } from './stack/rekor.ts';
import { createTree } from './stack/trillian.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)(
  'a log that went on in a second tree, with another key (needs a real Rekor)',
  () => {
    if (interop === undefined) return;
    const { binaries, trillian } = interop;
    const keys = [newLogKeys['P-256'](), newLogKeys.Ed25519()] as const;
    let directory: string;
    let world: InteropWorld;
    let redis: Redis;
    let rekor: Rekor;
    let trees: readonly [string, string];
    /** With the keys of both trees. */
    let log: KnownLog;
    let old: Logged;
    let recent: Logged;

    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'shards-'));
      world = await InteropWorld.open(interop);
      trees = [await createTree(trillian), await createTree(trillian)];
      redis = await Redis.start(directory);
      const command = binaries.rekor.server;
      const start = { command, directory, trillian, treeId: trees[0], logKey: keys[0] };
      rekor = await Rekor.start({ ...start, index: { redis: redis.port } });
      await upload(rekor);
      old = await upload(rekor);
      expect(await world.plugin.logInfo(rekor)).toMatchObject({ treeId: trees[0], totalSize: 2 });
      expect(await world.rekorCli.logInfo(rekor)).toMatchObject({ treeId: trees[0], totalSize: 2 });

      await rotate();
      recent = await upload(log);
    });

    afterAll(async () => {
      await rekor.kill();
      await redis.kill();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    });

    it('has entries of both trees, each of which verifies with the key of its tree', async () => {
      for (const [at, { uuid, chart }] of [old, recent].entries()) {
        const argv = ['verify', chart.path, '--keyring', chart.certificate];
        const entry = { uuid, treeId: trees[at], logId: keys[at]?.key.logId };
        expect(await world.plugin.ask(log, argv)).toMatchObject({
          status: 0,
          results: [{ evidences: [{ entry }] }],
        });
        expect(await world.rekorCli.verifyEntry({ url: log.url }, ['--uuid', uuid])).toBe(uuid);
      }
    });

    it('has no entry that verifies with the key of the other tree alone', async () => {
      const argv = ['verify', old.chart.path, '--keyring', old.chart.certificate];
      const publicKey = await publicKeyFile(1);
      const answer = await world.plugin.ask({ url: log.url, publicKey }, argv);
      expect(answer.results?.[0]?.verdict).not.toBe('verified');
      expect(answer.status).not.toBe(0);
    });

    it('counts indexes through both trees, and knows entries by 64 and by 80 digits', async () => {
      for (const [{ uuid }, index] of [
        [old, 1],
        [recent, 2],
      ] as const) {
        for (const name of [uuid, uuid.slice(-64)])
          expect(await world.rekorCli.getEntry({ url: log.url }, ['--uuid', name])).toEqual({ uuid, index });
        expect(await world.rekorCli.getEntry({ url: log.url }, ['--log-index', String(index)])).toMatchObject(
          {
            uuid,
          },
        );
      }
    });

    it('is given nothing that is in the old tree', async () => {
      expect(await world.plugin.upload(log, old.chart)).toEqual({ outcome: 'exists', uuid: old.uuid });
      expect(await world.plugin.logInfo(log)).toMatchObject({ totalSize: 3 });
    });

    it('may have one leaf in both trees, and the older entry counts', async () => {
      const { chart } = old;
      const again = await world.rekorCli.upload({ url: log.url }, asSent(chart));
      expect(again).toMatchObject({ outcome: 'created' });
      expect(await world.plugin.verify(log, chart)).toBe(old.uuid);
      const uuids = await world.plugin.search(log, { sha256: chart.sha256 });
      expect(uuids.map((uuid) => uuid.slice(-64))).toEqual([chart.predictedLeaf, chart.predictedLeaf]);
    });

    it('shows both trees, each consistent with what was seen of it', async () => {
      await world.plugin.ask(log, ['log', 'info']);
      await upload(log);
      const { status, trees: shown = [] } = await world.plugin.ask(log, ['log', 'info']);
      expect(status).toBe(0);
      expect(shown).toMatchObject([
        { treeId: trees[1], state: 'active', treeSize: 3 },
        { treeId: trees[0], state: 'inactive', treeSize: 2 },
      ]);
      const outcomes = shown.flatMap(({ checks }) => checks.map(({ id, outcome }) => `${id} ${outcome}`));
      expect(new Set(outcomes)).toEqual(new Set(['checkpoint passed', 'consistency passed']));
      expect(await world.rekorCli.logInfo({ url: log.url })).toMatchObject({
        treeId: trees[1],
        totalSize: 5,
      });
    });

    it('proves what is in the old tree without an index, by the leaf that is predicted', async () => {
      await redis.kill();
      expect(await world.plugin.verify(log, old.chart)).toBe(old.uuid);
    });

    /** A chart of its own, and its entry. */
    async function upload(to: KnownLog): Promise<Logged> {
      const chart = await world.chart('P-256');
      const uploaded = await world.plugin.upload(to, chart);
      if (uploaded.outcome !== 'created') throw new Error(JSON.stringify(uploaded));
      return { chart, uuid: uploaded.uuid };
    }

    /** Ends the first tree: from now on leaves go into the second one. */
    async function rotate(): Promise<void> {
      const [first, second] = trees;
      const sharding = path.join(directory, 'sharding.yaml');
      const key = `signingConfig:\n    signingSchemeOrKeyPath: ${rekor.privateKey}`;
      await writeFile(sharding, `- treeID: ${first}\n  ${key}\n`);
      await rekor.kill();
      const flags = [`--trillian_log_server.sharding_config=${sharding}`];
      await rekor.startAgain({ treeId: second, logKey: keys[1], flags });
      log = { url: rekor.url, publicKey: await publicKeyFile(0, 1) };
    }

    async function publicKeyFile(...which: readonly (0 | 1)[]): Promise<string> {
      const file = path.join(directory, `trusted-${which.join('-')}.pem`);
      const pems = which.map((at) => keys[at].key.publicKey.export({ format: 'pem', type: 'spki' }));
      await writeFile(file, pems.join(''));
      return file;
    }
  },
);

interface Logged {
  readonly chart: PublishedChart;
  readonly uuid: string;
}
