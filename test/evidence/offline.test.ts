import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ReturningUser } from '../support/world/returning-user.ts';
import { HostileLog, type Leaf } from '../support/hostile-log.ts';
import { runProgram } from '../support/program.ts';
import { DAY } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { copiesWith, keepBeside, keptEntry } from './kept.ts';

const PROOF = 'GET /api/v1/log/proof';

/** A user of a log that cannot be asked, with a chart that has evidence beside it. */
async function offline(): Promise<{ user: ReturningUser; leaf: Leaf }> {
  const user = await ReturningUser.open();
  const { log, server } = user.world;
  const leaf = log.active.leaves.find(({ hash }) => hash === user.world.predicted);
  if (leaf === undefined) throw new Error('the chart is not logged');
  await keepBeside(user.world, keptEntry(log, leaf));
  server.intercept = () => {
    throw new Error('the log was asked');
  };
  return { user, leaf };
}

/** Lets the log be asked again. */
function online({ world }: ReturningUser): void {
  world.server.intercept = (_, response) => {
    response.setHeader('date', new Date(world.user.now * 1000).toUTCString());
    return false;
  };
}

describe('verify --offline', () => {
  test('verifies a chart by its evidence, and says in one line what it cannot know', async () => {
    const { user } = await offline();
    expect(await user.run('verify', '--offline')).toMatchObject({
      status: 0,
      verdict: 'verified',
      asked: [],
    });
    const {
      chart,
      server,
      user: { trust, now },
    } = user.world;
    const { stdout } = await runProgram(
      ['verify', chart.path, '--offline', '--keyring', chart.keyring, '--rekor-server', server.url, ...trust],
      { now },
    );
    expect(stdout.match(/^Offline: .*$/gm)).toEqual([
      'Offline: not known are revocations of the key that its keyring does not have, and what the log shows now',
    ]);
    expect(stdout).toContain(`Evidence: ${chart.path}.rekor.json`);
  });

  test('without evidence ends with status 3, and says how to get some', async () => {
    const { user } = await offline();
    await rm(`${user.world.chart.path}.rekor.json`);
    const ran = await user.run('verify', '--offline');
    expect(ran).toMatchObject({ status: 3, code: 'INPUT', asked: [] });
    expect(ran.stderr).toContain(`there is no evidence of ${user.world.chart.path}`);
    expect(ran.stderr).toContain('Hint: helm sigstore evidence');
  });

  test('of a chart that is missing says that, and nothing of evidence', async () => {
    const { user } = await offline();
    await rm(`${user.world.chart.path}.rekor.json`);
    await rm(user.world.chart.path);
    const ran = await user.run('verify', '--offline');
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain(`there is no file ${user.world.chart.path}`);
  });

  test('needs a trusted key of the log', async () => {
    const { user } = await offline();
    user.world.user.trust = [];
    const ran = await user.run('verify', '--offline');
    expect(ran).toMatchObject({ status: 5, code: 'LOG_UNTRUSTED', asked: [] });
  });

  test.each<[string, string[]]>([
    ['a key that the log gives', ['--insecure-trust-on-first-use']],
    ['a key at a URL', ['--public-key', 'https://keys.example.com/a.asc', '--fingerprint', 'ab'.repeat(20)]],
  ])('cannot be joined with %s', async (_, options) => {
    const { user } = await offline();
    user.world.user.trust = [];
    const ran = await user.run('verify', '--offline', ...options);
    expect(ran).toMatchObject({ status: 2, code: 'USAGE', asked: [] });
    expect(ran.stderr).toContain('--offline');
  });

  test('starts no gpg to ask a keyboxd, and says what to give in its place', async () => {
    const { user } = await offline();
    const home = join(await temporaryDirectory(), 'gnupg');
    await mkdir(join(home, 'public-keys.d'), { recursive: true });
    await writeFile(join(home, 'common.conf'), 'use-keyboxd\n');
    await writeFile(join(home, 'public-keys.d', 'pubring.db'), 'SQLite format 3\0');
    const {
      chart,
      server,
      user: { trust, now },
    } = user.world;
    const ran = await runProgram(
      ['verify', chart.path, '--offline', '--rekor-server', server.url, ...trust],
      // A gpg that could be found would be one too many.
      { now, env: { GNUPGHOME: home, PATH: '/nonexistent' } },
    );
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('which is not asked with --offline');
    expect(ran.stderr).toContain('gpg --export');
  });

  test('says which log the evidence is said to be from, where that is not the one of the run', async () => {
    const { user } = await offline();
    const {
      chart,
      server,
      user: { trust, now },
    } = user.world;
    const ran = await runProgram(['verify', chart.path, '--offline', '--keyring', chart.keyring], { now });
    expect(ran.status).toBe(10);
    expect(ran.stderr).toContain(`Hint: the evidence says that it comes from ${server.url}`);
    const own = await runProgram(
      ['verify', chart.path, '--offline', '--keyring', chart.keyring, '--rekor-server', server.url, ...trust],
      { now },
    );
    expect(own).toMatchObject({ status: 0, stderr: '' });
  });

  test('warns once that the log has the name of the public one only because no other was given', async () => {
    const { user, leaf } = await offline();
    const { world } = user;
    const { trust, now } = world.user;
    const entry = keptEntry(world.log, leaf);
    const argv = ['verify', ...(await copiesWith(world, [entry, entry])), '--offline', '--keyring'];
    const ran = await runProgram([...argv, world.chart.keyring, ...trust], { now });
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stderr.match(/^Warning: .*$/gm)).toEqual([
      `Warning: the log is shown as https://rekor.sigstore.dev, but the evidence says that it comes from ${world.server.url}: if so, name that with --rekor-server`,
    ]);
  });

  test('says that the trusted root is old, which it does not refresh', async () => {
    const { user } = await offline();
    const { chart } = user.world;
    const now = Math.floor(Date.now() / 1000) + 400 * DAY;
    const ran = await runProgram(['verify', chart.path, '--offline', '--keyring', chart.keyring], { now });
    expect(ran.stderr).toMatch(/^Warning: the built-in copy of Sigstore's trusted root is [0-9]+ days old/m);
  });

  test('refuses a bad chart as it does with the log', async () => {
    const { user } = await offline();
    await user.world.serve({ archive: await user.world.otherArchive() });
    expect(await user.run('verify', '--offline')).toMatchObject({
      status: 10,
      asked: [],
      outcomes: { 'archive-digest': 'failed' },
    });
  });
});

describe('the checkpoint of a run that was offline', () => {
  test('is compared where no proof is needed, and else skipped with that reason', async () => {
    const { user, leaf } = await offline();
    const { world } = user;
    await user.run('verify', '--offline');
    expect((await user.run('verify', '--offline')).outcomes).toMatchObject({ consistency: 'passed' });
    await keepBeside(world, keptEntry(world.log, leaf, leaf.index + 1));
    const other = await user.run('verify', '--offline');
    expect(other).toMatchObject({ status: 0, asked: [] });
    expect(other.outcomes?.['consistency']).toContain('offline, so the log was not asked');
    expect(await user.run('verify', '--offline', '--require-consistency')).toMatchObject({ status: 5 });
  });

  test('is linked by the next run that is online', async () => {
    const { user } = await offline();
    await user.run('verify', '--offline');
    expect(await user.remembered()).toMatchObject({ servers: [], sightings: [] });
    online(user);
    user.world.log.fill(4);
    const info = await user.info();
    expect(info.status).toBe(0);
    expect(await user.remembered()).toMatchObject({
      size: user.world.log.active.tree.size,
      servers: [user.world.server.url],
    });
    expect(user.world.server.seen).toContain(PROOF);
  });

  test('accuses the log that cannot link it', async () => {
    const { user, leaf } = await offline();
    const { world } = user;
    const fork = new HostileLog(world.log.keys);
    fork.fill(3);
    const forged = fork.append(world.body(), { integratedTime: leaf.integratedTime });
    await keepBeside(world, keptEntry(fork, forged));
    expect(await user.run('verify', '--offline')).toMatchObject({ status: 0 });
    online(user);
    const info = await user.info();
    expect(info.status).toBe(10);
    expect(await user.evidence()).toHaveLength(1);
  });

  test('of a tree that this log never listed accuses nobody', async () => {
    const { user } = await offline();
    const { world } = user;
    online(user);
    await user.info();
    const other = new HostileLog(world.log.keys);
    other.addShard();
    other.addShard();
    other.fill(2);
    const leaf = other.append(world.body(), { integratedTime: world.user.now - 3600 });
    await keepBeside(world, keptEntry(other, leaf));
    expect(await user.run('verify', '--offline')).toMatchObject({ status: 0, asked: [] });
    expect((await user.info()).status).toBe(0);
    expect(await user.evidence()).toEqual([]);
  });
});

test('a tree that is known from a file alone comes with the old ones all the same, when the log shows it', async () => {
  const { user } = await offline();
  const { world } = user;
  online(user);
  await user.info();
  // The log takes its tree back, and hands out evidence of another one before it shows that.
  world.log.addShard();
  const leaf = world.log.append(world.body(), { integratedTime: world.user.now - 3600 });
  world.log.shards.shift();
  await keepBeside(world, keptEntry(world.log, leaf));
  const kept = await user.run('verify', '--offline');
  expect(kept).toMatchObject({ status: 0, asked: [] });
  expect(kept.outcomes?.['consistency']).toContain('offline');
  await rm(`${world.chart.path}.rekor.json`);
  world.log.fill(2);
  expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
});

test('evidence of a fork, however much there is of it, does not push out what the log showed', async () => {
  const { user } = await offline();
  const { world } = user;
  online(user);
  await user.info();
  const fork = new HostileLog(world.log.keys);
  fork.fill(2);
  const leaf = fork.append(world.body(), { integratedTime: world.user.now - 3600 });
  fork.fill(60);
  const { size } = fork.active.tree;
  for (let less = 0; less < 12; less++) {
    await keepBeside(world, keptEntry(fork, leaf, size - less));
    expect(await user.run('verify', '--offline')).toMatchObject({ status: 0, asked: [] });
  }
  // The log goes on as the fork, to everybody.
  world.log.shards.splice(0, 1, ...fork.shards);
  await rm(`${world.chart.path}.rekor.json`);
  world.log.fill(3);
  expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
});

test('two checkpoints of one size are a conflict, also of a tree that is known from files alone', async () => {
  const { user } = await offline();
  const { world } = user;
  online(user);
  await user.info();
  for (const [fork, status] of [
    [5, 0],
    [6, 10],
  ] as const) {
    const other = new HostileLog(world.log.keys);
    other.addShard();
    for (let number = 0; number < 8; number++)
      other.append(Buffer.from(`${fork * number}`), { integratedTime: world.user.now });
    const leaf = other.append(world.body(), { integratedTime: world.user.now - 3600 });
    await keepBeside(world, keptEntry(other, leaf));
    expect(await user.run('verify', '--offline')).toMatchObject({ status, asked: [] });
  }
});

test('many charts are verified offline in one run, each by its own evidence', async () => {
  const { user, leaf } = await offline();
  const { world } = user;
  const { size } = world.log.active.tree;
  const entries = [0, 1, 2, 3, 4].map((less) => keptEntry(world.log, leaf, size - less));
  const paths = await copiesWith(world, entries);
  const { keyring } = world.chart;
  const ran = await runProgram(
    [
      ...['verify', ...paths, '--offline', '--keyring', keyring, '--rekor-server', world.server.url],
      ...[...world.user.trust, '--output', 'json'],
    ],
    { now: world.user.now, env: { HELM_SIGSTORE_HOME: user.state } },
  );
  const { offline: isOffline, counts } = JSON.parse(ran.stdout) as { offline: boolean; counts: object };
  expect({ isOffline, counts }).toMatchObject({ isOffline: true, counts: { good: 5 } });
});
