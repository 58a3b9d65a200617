import { on } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { cases } from '../support/cases.ts';
import { bundle, COLLECTING_PROGRAM, endOf, startNode } from '../support/own-process.ts';
import { World } from '../support/world/world.ts';
import { make } from './made.ts';

describe.skipIf(cases === undefined)('the embedded log (needs the cases)', () => {
  let world: World;
  let program: Promise<string> | undefined;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(async () => {
    await world.close();
  });

  async function start(directory: string, port = 0): Promise<EmbeddedLog> {
    const now = () => Math.floor(Date.now() / 1000);
    return await startEmbeddedLog({ directory, host: '127.0.0.1', port, now, onFailure: () => undefined });
  }

  it('does not start on a file in which a bit of a time was turned', async () => {
    const directory = await world.subdirectory('flipped');
    const chart = await world.chart('flipped-chart');
    const log = await start(directory);
    const trusted = ['--rekor-server', log.url, '--rekor-public-key', log.publicKeyPath];
    const options = [...trusted, '--keyring', world.keyring];
    expect(await world.run(['upload', chart.path, ...options])).toMatchObject({ status: 0 });
    await log.close();
    const file = join(directory, 'entries.jsonl');
    const before = await readFile(file, 'utf8');
    make('08-flipped-bit-in-time', 'flip.mjs', file);
    expect(await readFile(file, 'utf8')).not.toBe(before);
    await expect(start(directory)).rejects.toThrow('entries.jsonl is damaged');
  });

  it.each([
    ['the records alone', 'entries.jsonl'],
    ['all files', '.'],
  ])(
    'of which %s were restored from a backup is found out, for the entry that is gone and for one that is there',
    async (_, part) => {
      const directory = await world.subdirectory(`restored-${part}`);
      const backup = join(world.directory, `backup-${part}`);
      const kept = await world.chart(`kept-${part}`);
      const gone = await world.chart(`gone-${part}`);
      const log = await serve(directory);
      const trusted = ['--rekor-server', log.url, '--rekor-public-key', join(directory, 'public-key.pem')];
      const options = [...trusted, '--keyring', world.keyring];
      // Without evidence, so that the log is asked.
      expect(await world.run(['upload', kept.path, '--no-evidence', ...options])).toMatchObject({
        status: 0,
      });
      await cp(join(directory, part), join(backup, part), { recursive: true });
      expect(await world.run(['upload', gone.path, '--no-evidence', ...options])).toMatchObject({
        status: 0,
      });
      expect(await world.run(['verify', gone.path, ...options])).toMatchObject({ status: 0 });
      await log.end();
      if (part === '.') await rm(directory, { recursive: true });
      await cp(join(backup, part), join(directory, part), { recursive: true });
      const files = ['entries.jsonl', 'acknowledged'].map((name) => join(directory, name));
      const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      const restored = await serve(directory, new URL(log.url).port);
      for (const { path } of [gone, kept]) {
        const { status, stderr } = await world.run(['verify', path, ...options]);
        expect(status).toBe(10);
        expect(stderr).toContain('Error: ');
        expect(stderr).toMatch(/consistency: .*rolled back/);
      }
      if (part === '.') return;
      // Who never saw the log before is told by the log, and nothing makes the tree grow another way.
      const home = await world.subdirectory('new-home');
      for (const { path } of [gone, await world.chart('more')]) {
        const { status, stderr } = await world.run(['upload', path, ...options], { home });
        expect(status).toBe(5);
        expect(stderr).toContain('this log lost entries that clients were told of: ');
        expect(stderr).toContain('Hint: tell those who run the log');
      }
      expect(await world.run(['verify', kept.path, ...options], { home })).toMatchObject({ status: 0 });
      const said = await restored.end();
      expect(said).toMatch(/^Warning: .*lost entries .*restore the newest copy of the directory\n$/);
      expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(before);
    },
    120_000,
  );

  /** `log serve` as a process of its own, which ends as by Ctrl-C and then tells what it wrote to stderr. */
  async function serve(
    directory: string,
    port = '0',
  ): Promise<{ readonly url: string; readonly end: () => Promise<string> }> {
    program ??= bundle(COLLECTING_PROGRAM, world.directory);
    const argv = ['log', 'serve', '--dir', directory, '--listen', `127.0.0.1:${port}`];
    const child = startNode(await program, argv, { HOME: world.user.home });
    const ended = endOf(child);
    let url: string | undefined;
    for await (const [text] of on(child.stdout, 'data', { close: ['end'] }) as AsyncIterable<[string]>)
      if ((url = /^Serving on (.*)$/m.exec(text)?.[1]) !== undefined) break;
    if (url === undefined) throw new Error((await ended).stderr);
    const end = async () => {
      child.kill('SIGINT');
      return (await ended).stderr;
    };
    return { url, end };
  }
});
