import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newLogKeys } from '../support/log-keys.ts';
import { Plugin } from './clients/plugin.ts';
import type { ChartResult } from './clients/plugin-answer.ts';
import type { KnownLog } from './known-log.ts';
import type { PublishedChart } from './publishers.ts';
import { InteropWorld } from './interop-world.ts';
import { freePort } from './stack/free-port.ts';
import { Part } from './stack/part.ts';
import { Redis } from './stack/redis.ts';
import { Rekor } from './stack/rekor.ts';
import { createTree } from './stack/trillian.ts';

const interop = inject('interop');

/** A log that a test may end. */
interface MortalLog extends KnownLog {
  readonly kill: () => Promise<void>;
}

const SERVERS = ['Rekor', 'an older Rekor', 'log serve'] as const;

describe.skipIf(interop === undefined)('evidence outlives its log (needs a real Rekor)', () => {
  if (interop === undefined) return;
  const { binaries, launcher, trillian } = interop;
  let directory: string;
  let scene: InteropWorld;
  let redis: Redis;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evidence-'));
    scene = await InteropWorld.open(interop);
    redis = await Redis.start(directory);
  });

  afterAll(async () => {
    await redis.kill();
    await scene.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function startRekor(command: string): Promise<MortalLog> {
    const treeId = await createTree(trillian);
    const index = { redis: redis.port };
    const logKey = newLogKeys['P-256']();
    const rekor = await Rekor.start({ command, directory, trillian, treeId, logKey, index });
    return { url: rekor.url, publicKey: rekor.publicKey, kill: () => rekor.kill() };
  }

  async function startEmbedded(): Promise<MortalLog> {
    const [port, home] = [await freePort(), path.join(directory, 'log')];
    const argv = [launcher, 'log', 'serve', '--dir', home, '--listen', `127.0.0.1:${port}`];
    const part = await Part.start({ command: process.execPath, argv, directory, name: 'mortal-log', port });
    const publicKey = path.join(home, 'public-key.pem');
    return { url: `http://127.0.0.1:${port}`, publicKey, kill: () => part.kill() };
  }

  const start: Record<(typeof SERVERS)[number], () => Promise<MortalLog>> = {
    Rekor: () => startRekor(binaries.rekor.server),
    'an older Rekor': () => startRekor(binaries.oldRekor.server),
    'log serve': startEmbedded,
  };

  describe.each(SERVERS)('of %s', (server) => {
    let log: MortalLog;
    /** Each chart, by who logged it and how its evidence was made. */
    const charts = new Map<string, PublishedChart>();

    beforeAll(async () => {
      log = await start[server]();
    });

    it('is written by upload, made of what rekor-cli logged, and refreshed', async () => {
      for (const who of ['upload', 'rekor-cli', 'refresh']) charts.set(who, await scene.chart('RSA 3072'));
      expect(await kept('upload', chartOf('upload'))).toBe('written');
      expect(await kept('upload', chartOf('upload'))).toBe('unchanged');

      expect(await scene.rekorCli.upload(log, chartOf('rekor-cli'))).toMatchObject({ outcome: 'created' });
      await expect.poll(() => kept('evidence', chartOf('rekor-cli')), { timeout: 10_000 }).toBe('written');
      expect(await kept('evidence', chartOf('rekor-cli'))).toBe('unchanged');

      expect(await kept('upload', chartOf('refresh'))).toBe('written');
      expect(await kept('evidence', chartOf('refresh'), '--refresh')).toBe('unchanged');
      await scene.plugin.upload(log, await scene.chart('RSA 3072'));
      expect(await kept('evidence', chartOf('refresh'), '--refresh')).toBe('written');
    });

    describe('when the log is gone', () => {
      let stranger: Plugin;
      beforeAll(async () => {
        await log.kill();
        stranger = await Plugin.create(launcher);
      });
      afterAll(() => stranger.remove());

      it.each(['upload', 'rekor-cli', 'refresh'])('proves the chart to a stranger: %s', async (who) => {
        const { path: chart, certificate } = chartOf(who);
        const argv = ['verify', chart, '--keyring', certificate];
        expect(await stranger.ask(log, [...argv, '--offline'])).toMatchObject({
          status: 0,
          results: [{ verdict: 'verified', evidence: { outcome: 'used' } }],
        });
        expect(await stranger.ask(log, argv)).toMatchObject({ status: 0 });
        const check = ['evidence', '--check', `${chart}.rekor.json`];
        expect(await stranger.ask(log, check)).toMatchObject({ status: 0, entries: [{ holds: true }] });
      });
    });

    function chartOf(who: string): PublishedChart {
      const chart = charts.get(who);
      if (chart === undefined) throw new Error(`no chart ${who}`);
      return chart;
    }

    /** What became of the evidence of a chart; or why nothing did. */
    async function kept(
      command: 'upload' | 'evidence',
      { path: chart, certificate }: PublishedChart,
      ...options: readonly string[]
    ): Promise<string> {
      const argv = [command, chart, '--keyring', certificate, ...options];
      const { results, errors } = await scene.plugin.ask(log, argv);
      const [result]: readonly ChartResult[] = results ?? [];
      return result?.evidence?.outcome ?? JSON.stringify(errors);
    }
  });
});
