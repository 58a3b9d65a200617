import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import { World } from '../support/world/world.ts';

const NOW = 1_700_000_000;

describe('log check', () => {
  let world: World;
  let directory = '';
  let treeId = '';
  beforeAll(async () => {
    world = await World.open();
    directory = await world.subdirectory('log');
    const log = await Log.open(directory, () => NOW);
    for (const name of ['a', 'b']) await log.add({ body: Buffer.from(name), indexKeys: [name] });
    ({ treeId } = log);
    await log.close();
  });
  afterAll(async () => {
    await world.close();
  });

  it('says that a log is undamaged, as text and as JSON', async () => {
    const { status, stdout, stderr } = await world.run(['log', 'check', '--dir', directory]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Checked ${directory}\nEntries: 2\nTree ID: ${treeId}\n`);
    expect(stdout).toMatch(/\nUndamaged\n$/);
    const json = await world.run(['log', 'check', '--dir', directory, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      command: 'log check',
      status: 0,
      directory,
      log: { name: 'helm-sigstore', treeId, size: 2 },
      damaged: 0,
      findings: [],
    });
  });

  it('shows at a terminal, and only there, how far it has come', async () => {
    const large = await world.subdirectory('large');
    const log = await Log.open(large, () => NOW);
    const names = Array.from({ length: 512 }, (_, at) => `entry ${at}`);
    await Promise.all(names.map((name) => log.add({ body: Buffer.from(name), indexKeys: [] })));
    await log.close();
    const run = async (isTerminal: boolean) => {
      let time = NOW;
      return await world.run(['log', 'check', '--dir', large], { isTerminal, clock: () => (time += 2) });
    };
    const shown = await run(true);
    expect(shown.stderr).toContain('looked at 256 of 512 entries');
    expect(shown.stderr).toContain('looked at 512 of 512 entries');
    expect(await run(false)).toMatchObject({ status: 0, stderr: '' });
  });

  it('names what is damaged, with status 10', async () => {
    const copy = await world.subdirectory('damaged');
    await cp(directory, copy, { recursive: true });
    const path = join(copy, 'tile/0/000.p/2');
    const bytes = await readFile(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { status, stdout, stderr } = await world.run(['log', 'check', '--dir', copy]);
    expect(status).toBe(10);
    expect(stdout).toContain('Damaged: tile/0/000.p/2: it is not what the checkpoint was signed for\n');
    expect(stderr).toContain(`Error: the log in ${copy} is damaged in one place\nHint: `);
  });

  it('refuses a directory without a log, with status 3, and no directory at all', async () => {
    const empty = await world.subdirectory('empty');
    const { status, stderr } = await world.run(['log', 'check', '--dir', empty]);
    expect(status).toBe(3);
    expect(stderr).toContain('expected the log of helm sigstore in ');
    expect((await world.run(['log', 'check'])).status).toBe(2);
  });
});
