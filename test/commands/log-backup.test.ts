import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { ask, post } from '../support/ask.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { World } from '../support/world/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => {
  await world.close();
});

let directories = 0;
const fresh = async () => join(await world.subdirectory(`fresh-${++directories}`), 'log');

/** A server on the directory, until the test has finished. */
async function served(directory: string): Promise<EmbeddedLog> {
  const log = await startEmbeddedLog({
    ...{ directory, host: '127.0.0.1', port: 0, onFailure: () => undefined },
    now: () => Math.floor(Date.now() / 1000),
  });
  onTestFinished(() => log.close());
  return log;
}

describe('a log that was lost comes back', () => {
  it(
    'from a backup and evidence, and no client notices; without them every client does',
    { timeout: 120_000 },
    async () => {
      const first = await world.keptChart('first');
      const backup = join(await world.subdirectory('backups'), 'log.tar');
      // While it is served.
      const made = await world.run([
        'log',
        'backup',
        '--dir',
        world.log.directory,
        '--to',
        backup,
        '--with-key',
      ]);
      expect([made.status, made.stderr]).toEqual([0, '']);
      expect(made.stdout).toMatch(
        /^Backup: .*\nEntries: 1\nTree ID: [0-9]+\nRoot: [0-9a-f]{64}\nLog ID: [0-9a-f]{64}\nPrivate Key: in the backup\n$/,
      );
      const [second, third] = [await world.keptChart('second'), await world.keptChart('third')];
      // The client remembers a tree of three entries.
      expect((await world.run(['log', 'info', ...world.trusting()])).status).toBe(0);

      const directory = await fresh();
      const restored = await world.run(['log', 'restore', '--from', backup, '--dir', directory]);
      expect([restored.status, restored.stderr]).toEqual([0, '']);
      expect(restored.stdout).toContain(`Restored: ${directory}\nEntries: 1\n`);

      // It is read, and takes nothing; who saw more rejects it.
      const readOnly = await served(directory);
      const proposal = proposedEntry(
        await world.publisher.sign('late', '1.0.0', Buffer.from('late')),
        world.publisher.certificate,
      );
      const refused = await post(`${readOnly.url}/api/v1/log/entries`, proposal);
      expect([refused.status, refused.body]).toEqual([
        503,
        expect.stringContaining('was restored from a backup'),
      ]);
      expect((await ask(`${readOnly.url}/healthz`)).status).toBe(503);
      expect((await ask(`${readOnly.url}/api/v1/log/entries?logIndex=0`)).status).toBe(200);
      const info = await world.run(['log', 'info', ...world.trusting(readOnly)]);
      expect(info.status).toBe(10);
      await readOnly.close();

      // Its owner hears what is missing.
      const checkpoint = await historyFile();
      const early = await world.run(['log', 'resume', '--dir', directory, '--checkpoint', checkpoint]);
      expect(early.status).toBe(3);
      expect(early.stderr).toContain('has a checkpoint of 3 entries, and the log in ');
      expect(early.stderr).toContain('2 are missing');

      // Another copy goes on without them: a fork, which its clients find.
      const forked = await fresh();
      await world.run(['log', 'restore', '--from', backup, '--dir', forked]);
      expect((await world.run(['log', 'resume', '--dir', forked])).status).toBe(2);
      expect((await world.run(['log', 'resume', '--dir', forked, '--insecure-nothing-newer'])).status).toBe(
        0,
      );
      const fork = await served(forked);
      for (const name of ['x', 'y', 'z', 'w'])
        expect(
          (
            await post(
              `${fork.url}/api/v1/log/entries`,
              proposedEntry(
                await world.publisher.sign(name, '1.0.0', Buffer.from(name)),
                world.publisher.certificate,
              ),
            )
          ).status,
        ).toBe(201);
      expect((await world.run(['log', 'info', ...world.trusting(fork)])).status).toBe(10);
      expect(
        (await world.run(['verify', first.path, ...world.knowing(fork), '--output', 'json'])).status,
      ).toBe(10);

      // With the evidence beside the charts nothing is lost.
      const charts = join(second.path, '../..');
      const replayed = await world.run(['log', 'replay', '--dir', directory, '--from', charts]);
      expect([replayed.status, replayed.stderr]).toEqual([0, '']);
      expect(replayed.stdout).toContain('Put Back: 2\nEntries: 3\n');
      expect(replayed.stdout).toContain('Lost: what was logged after the first 3 entries, if anything was\n');
      const resumed = await world.run([
        'log',
        'resume',
        '--dir',
        directory,
        '--checkpoint',
        checkpoint,
        '--checkpoint',
        third.evidence,
      ]);
      expect([resumed.status, resumed.stderr]).toEqual([0, '']);
      expect(resumed.stdout).toContain(`Resumed: ${directory}\nEntries: 3\n`);
      const checked = await world.run(['log', 'check', '--dir', directory]);
      expect([checked.status, checked.stderr]).toEqual([0, '']);
      const again = await served(directory);
      expect((await world.run(['log', 'info', ...world.trusting(again)])).status).toBe(0);
      for (const { path } of [first, second, third])
        expect((await world.run(['verify', path, ...world.knowing(again)])).status).toBe(0);
      const found = await world.run(['search', second.path, ...world.knowing(again)]);
      expect([found.status, found.stdout]).toEqual([0, expect.stringContaining('1')]);
      expect((await post(`${again.url}/api/v1/log/entries`, proposal)).status).toBe(201);
    },
  );

  it(
    'is believed by who forgets its tree, and gives the fingerprint for that',
    { timeout: 60_000 },
    async () => {
      const { treeId, publicKeyPath } = world.log;
      const backup = join(await world.subdirectory('old'), 'log.tar');
      await world.run(['log', 'backup', '--dir', world.log.directory, '--to', backup, '--with-key']);
      await world.loggedChart('lost');
      expect((await world.run(['log', 'info', ...world.trusting()])).status).toBe(0);
      // The operator has nothing newer, says so, and goes on.
      const directory = await fresh();
      await world.run(['log', 'restore', '--from', backup, '--dir', directory]);
      await world.run(['log', 'resume', '--dir', directory, '--insecure-nothing-newer']);
      const again = await served(directory);
      expect((await world.run(['log', 'info', ...world.trusting(again)])).status).toBe(10);
      const { logId } = logKeyFromPem(await readFile(publicKeyPath, 'utf8'));
      const asked = await world.run(['log', 'forget', treeId]);
      expect([asked.status, asked.stdout]).toEqual([2, '']);
      expect(asked.stderr).toContain('--fingerprint is expected, found none');
      expect(asked.stderr).not.toContain(logId);
      const other = await world.run(['log', 'forget', treeId, '--fingerprint', 'ab'.repeat(32)]);
      expect(other.status).toBe(10);
      expect((await world.run(['log', 'forget', '12'])).status).toBe(2);
      expect((await world.run(['log', 'forget', '../x'])).stderr).toContain('expected the ID of a tree');
      const path = await historyFile();
      expect(await readFile(path, 'utf8')).toContain(treeId);
      const typed = await world.run(['log', 'forget', treeId], {
        isTerminal: true,
        stdin: `${logId.toUpperCase()}\n`,
      });
      expect([typed.status, typed.stdout]).toEqual([
        0,
        `Forgot Tree: ${treeId}\nFingerprint: ${logId}\nRemoved: ${path}\n`,
      ]);
      expect(typed.stderr).toContain(`Forget tree ${treeId}?`);
      await expect(readFile(path)).rejects.toThrow('ENOENT');
      const listings = await listingsText();
      expect(listings).not.toContain(treeId);
      expect((await world.run(['log', 'forget', treeId, '--fingerprint', logId])).status).toBe(2);
      // What comes next is the first that it sees.
      expect((await world.run(['log', 'info', ...world.trusting(again)])).status).toBe(0);
      expect(await readFile(await historyFile(), 'utf8')).toContain(treeId);
    },
  );
});

describe('the commands refuse', () => {
  it.each([
    [['log', 'backup', '--to', 'x.tar'], '--dir is expected'],
    [['log', 'backup', '--dir', 'x'], '--to is expected'],
    [['log', 'restore', '--dir', 'x'], '--from is expected'],
    [['log', 'restore', '--from', 'x'], '--dir is expected'],
    [['log', 'resume', '--insecure-nothing-newer'], '--dir is expected'],
    [['log', 'resume', '--dir', 'x', '--insecure-nothing-newer', '--checkpoint', 'y'], 'found both'],
    [['log', 'replay', '--dir', 'x'], '--from is expected'],
    [['log', 'forget', 'x', '--fingerprint', 'y'], 'expected the ID of a tree'],
  ])('%j', async (argv, problem) => {
    const { status, stderr } = await world.run(argv);
    expect([status, stderr]).toEqual([2, expect.stringContaining(problem)]);
  });

  it('what is no log, no backup and no copy', async () => {
    const directory = await fresh();
    for (const argv of [
      ['log', 'backup', '--dir', directory, '--to', `${directory}.tar`],
      ['log', 'backup', '--dir', world.log.directory, '--to', join(directory, 'no/such/directory.tar')],
      ['log', 'restore', '--from', `${directory}.tar`, '--dir', directory],
      ['log', 'resume', '--dir', directory, '--insecure-nothing-newer'],
      ['log', 'replay', '--dir', world.log.directory, '--from', join(directory, '..')],
    ]) {
      const { status, stderr } = await world.run(argv);
      expect([status, stderr]).toEqual([3, expect.stringMatching(/^Error: /)]);
      expect(stderr).not.toContain('defect');
    }
    const path = join(directory, '../odd.rekor.json');
    await writeFile(path, '{}');
    await world.run(['log', 'backup', '--dir', world.log.directory, '--to', `${directory}.tar`]);
    expect(
      (await world.run(['log', 'restore', '--from', `${directory}.tar`, '--dir', directory])).status,
    ).toBe(0);
    const withoutKey = await world.run(['log', 'resume', '--dir', directory, '--insecure-nothing-newer']);
    expect([withoutKey.status, withoutKey.stderr]).toEqual([
      3,
      expect.stringContaining("the log's key is missing"),
    ]);
    const key = ['--key', join(world.log.directory, 'key.pem')];
    const odd = await world.run(['log', 'replay', '--dir', directory, '--from', path, ...key]);
    expect([odd.status, odd.stderr]).toEqual([3, expect.stringContaining('is no evidence file')]);
    expect(
      (await world.run(['log', 'resume', '--dir', directory, '--insecure-nothing-newer', ...key])).status,
    ).toBe(0);
    const log = await Log.open(directory, () => 3_000_000_000, { keyFile: key[1] ?? '' });
    expect((await log.add({ body: Buffer.from('new'), indexKeys: [] })).isNew).toBe(true);
    await log.close();
  });
});

/** The file in which the user remembers the tree of the log. */
async function historyFile(): Promise<string> {
  const home = join(world.user.home, '.local/share/helm/sigstore/history');
  const names = await readdir(home, { recursive: true });
  const found = names.find((name) => name.endsWith(`${world.log.treeId}.json`));
  if (found === undefined) throw new Error(`nothing is remembered: ${names.join(' ')}`);
  return join(home, found);
}

async function listingsText(): Promise<string> {
  const home = join(world.user.home, '.local/share/helm/sigstore/history/listings');
  const names = await readdir(home).catch(() => []);
  return (
    await Promise.all(
      names.filter((name) => name.endsWith('.json')).map((name) => readFile(join(home, name), 'utf8')),
    )
  ).join('');
}
