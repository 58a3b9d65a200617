import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveLog } from '../support/hostile-api.ts';
import { replaceLeaf, rollBack } from '../support/rewritten-log.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

const ENTRIES = 'POST /api/v1/log/entries/retrieve';
const PROOF = 'GET /api/v1/log/proof';

describe('a chart that is verified twice', () => {
  it('costs one request each while the log does not grow', async () => {
    const user = await ReturningUser.open();
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES],
      stderr: '',
      outcomes: { consistency: 'no checkpoint seen before' },
    });
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES],
      stderr: '',
      outcomes: { consistency: 'passed' },
    });
  });

  it('costs one more request when the log has grown in between', async () => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.fill(30);
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES, PROOF],
      stderr: '',
      outcomes: { consistency: 'passed' },
    });
    expect((await user.remembered()).size).toBe(43);
  });

  it('costs one request for both in one run', async () => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.fill(30);
    const { asked } = await user.run('verify', user.world.chart.path);
    expect(asked.toSorted()).toEqual([ENTRIES, ENTRIES, PROOF].toSorted());
  });

  it('is compared with nothing when the state directory is gone', async () => {
    const user = await ReturningUser.open();
    await user.run();
    await rm(user.state, { recursive: true });
    user.world.log.fill(30);
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES],
      stderr: '',
      outcomes: { consistency: 'no checkpoint seen before' },
    });
  });

  it('is required to be compared with --require-consistency', async () => {
    const user = await ReturningUser.open();
    const required = () => user.run('verify', '--require-consistency');
    expect(await required()).toMatchObject({ status: 5, code: 'UNCHECKED', verdict: 'unchecked' });
    expect(await required()).toMatchObject({ status: 0, verdict: 'verified' });
  });
});

describe('the memory of a log', () => {
  it('belongs to the user alone', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    for (const directory of [user.state, user.history, join(user.file, '..')])
      expect(await modeOf(directory)).toBe(0o700);
    expect(await modeOf(user.file)).toBe(0o600);
    expect(await readdir(join(user.file, '..'))).toEqual([`${user.world.log.active.treeId}.json`]);
  });

  it('is left alone when there is nothing new', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const { ino } = await stat(user.file);
    await user.run();
    expect((await stat(user.file)).ino).toBe(ino);
  });

  it('is kept whatever the verdict on the chart', async () => {
    const user = await ReturningUser.open();
    user.world.log.beforeSigning = (said) => ({ ...said, integratedTime: 5 });
    expect(await user.run()).toMatchObject({ status: 10, verdict: 'rejected' });
    expect((await user.remembered()).size).toBe(13);
  });

  it('takes nothing that the log did not sign', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    log.beforeSigning = (said) => ({ ...said, checkpoint: { ...said.checkpoint, size: 4000 } });
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { checkpoint: 'failed' } });
    expect(await readdir(user.state).catch(() => 'none')).toBe('none');
  });

  it('takes what upload and search see as well', async () => {
    const user = await ReturningUser.open();
    expect(await user.run('upload')).toMatchObject({ status: 0 });
    expect((await user.remembered()).size).toBe(13);
    user.world.log.fill(3);
    expect((await user.search()).status).toBe(0);
    expect((await user.remembered()).size).toBe(16);
  });

  it('is not touched by a key that is trusted for one run', async () => {
    const user = await ReturningUser.open();
    user.settings.trust = ['--insecure-trust-on-first-use'];
    expect(await user.run()).toMatchObject({ status: 0 });
    expect(await readdir(user.state).catch(() => 'none')).toBe('none');
  });

  it('holds a key that is trusted for one run to what was seen under it', async () => {
    const user = await ReturningUser.open();
    user.world.log.fill(9);
    await user.run();
    rollBack(user.world.log, 10);
    user.settings.trust = ['--insecure-trust-on-first-use'];
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(await user.evidence()).toEqual([]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['another checkpoint', (text: string) => text.replace(/\\n13\\n/, '\\n9\\n')],
    ['no checkpoint', () => '{"checkpoints":[],"servers":[],"sightings":[]}'],
  ])('is lost, with a warning, when its file is damaged: %s', async (_, change) => {
    const user = await ReturningUser.open();
    await user.run();
    await user.damage(change(await readFile(user.file, 'utf8')));
    const round = await user.run();
    expect(round).toMatchObject({ status: 0, verdict: 'verified' });
    expect(round.stderr).toMatch(
      /^Warning: what was seen before of the log is lost: .*\.json is damaged: .*\n$/,
    );
    expect(round.outcomes?.['consistency']).toContain('is damaged');
    expect(await user.run()).toMatchObject({ stderr: '', outcomes: { consistency: 'passed' } });
  });

  it('of another key cannot be slipped in', async () => {
    const [user, other] = [await ReturningUser.open(), await ReturningUser.open()];
    await other.run();
    await user.damage(await readFile(other.file, 'utf8'));
    expect((await user.run()).stderr).toContain('a checkpoint in it is not signed by the log');
  });

  it('that cannot be written costs a warning and not the verdict', async () => {
    const user = new ReturningUser(
      (await ReturningUser.open()).world,
      join((await ReturningUser.open()).world.directory, 'log.pem'),
    );
    const round = await user.run('verify', user.world.chart.path);
    expect(round).toMatchObject({ status: 0, verdict: 'verified' });
    expect(round.stderr).toMatch(/^Warning: cannot remember what was seen of the log: .*\n$/);
  });

  it('that cannot be written any more is still held against the log', async () => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.fill(3);
    await mkdir(join(user.file, '..', 'lock'));
    const round = await user.run();
    expect(round).toMatchObject({ status: 0, outcomes: { consistency: 'passed' } });
    expect(round.stderr).toMatch(/^Warning: cannot remember what was seen of the log: .*\n$/);
  });

  it('is shared by all addresses of a log', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    world.log.fill(9);
    await user.run();
    const mirror = await serveLog(world.log);
    world.user.options = ['--rekor-server', mirror.url];
    expect(await user.run()).toMatchObject({ status: 0, outcomes: { consistency: 'passed' } });
    expect((await user.remembered()).servers).toEqual([world.server.url, mirror.url]);
    rollBack(world.log, 10);
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });
});

describe('a log that contradicts what it showed before', () => {
  it('by taking entries back is rejected, and both checkpoints are shown and kept', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    log.fill(20);
    await user.run();
    rollBack(log, 10);

    const round = await user.run();
    expect(round).toMatchObject({
      status: 10,
      code: 'REJECTED',
      verdict: 'rejected',
      outcomes: { checkpoint: 'passed', 'inclusion-proof': 'passed', consistency: 'failed' },
    });
    // Asked for again, as a replica that lags would need it, before it is believed.
    expect(round.asked.slice(0, 5)).toEqual([ENTRIES, PROOF, PROOF, PROOF, PROOF]);
    expect(round.stderr).toContain('was rolled back');
    const [conflict] = round.conflicts ?? [];
    expect(conflict?.before).toContain('\n33\n');
    expect(conflict?.now).toContain('\n10\n');
    for (const { before, now } of round.conflicts ?? [])
      for (const line of [before, now].join('\n').split('\n')) expect(round.stderr).toContain(line);
    expect(round.stderr).toContain(`Both Kept In: ${conflict?.path}\n`);
    expect(JSON.parse(await readFile(conflict?.path ?? '', 'utf8'))).toMatchObject({
      server: user.world.server.url,
      reason: conflict?.reason,
      before: { checkpoint: conflict?.before },
      now: { checkpoint: conflict?.now },
    });

    // What was seen first stays what counts, and the same evidence is kept once.
    expect((await user.remembered()).size).toBe(33);
    expect(await user.run()).toMatchObject({ status: 10 });
    expect((await user.evidence()).length).toBe(1);
  });

  it('with another tree of the same size is rejected without a question', async () => {
    const user = await ReturningUser.open();
    await user.run();
    replaceLeaf(user.world.log, 2);
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(round.asked).not.toContain(PROOF);
    expect(round.stderr).toContain('two trees of one size: it has forked');
  });

  it('with a larger tree that does not extend it is rejected', async () => {
    const user = await ReturningUser.open();
    await user.run();
    replaceLeaf(user.world.log, 2);
    user.world.log.fill(8);
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(round.stderr).toContain('not proven to extend what it was: the log has forked');
  });

  it('is given nothing by upload', async () => {
    const user = await ReturningUser.open();
    await user.run();
    replaceLeaf(user.world.log, 2);
    expect(await user.run('upload')).toMatchObject({
      status: 10,
      asked: [ENTRIES],
      outcomes: { consistency: 'failed' },
    });
    expect((await user.evidence()).length).toBe(1);
  });

  it('is rejected by search as well', async () => {
    const user = await ReturningUser.open();
    await user.run();
    replaceLeaf(user.world.log, 2);
    const { status, stderr } = await user.search();
    expect(status).toBe(10);
    expect(stderr).toContain('two trees of one size');
  });
});

describe('a proof that does not come', () => {
  it('at once is asked for again: a replica that lags is no attack', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const { server, log } = user.world;
    log.fill(4);
    let refusals = 2;
    const { intercept } = server;
    server.intercept = (path, response, body, query) => {
      if (path !== PROOF || refusals-- <= 0) return intercept(path, response, body, query);
      response.writeHead(400).end('{"code":400,"message":"greater than what is currently observable"}');
      return true;
    };
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES, PROOF, PROOF, PROOF],
      outcomes: { consistency: 'passed' },
    });
  });

  it('is asked in the other direction when the answer is that of a replica that lags', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    log.fill(9);
    await user.run();
    const leaf = log.leaf(7);
    log.beforeSigning = (said) => ({ ...log.truth(leaf, 15), uuid: said.uuid });
    expect(await user.run()).toMatchObject({
      status: 0,
      asked: [ENTRIES, PROOF],
      outcomes: { consistency: 'passed' },
    });
    expect((await user.remembered()).size).toBe(22);
  });

  it.each([
    ['the server has an error', 503, 'LOG_UNREACHABLE'],
    ['the server does not offer it', 501, 'LOG_REFUSED'],
    ['somebody else answers', 200, 'LOG_ANSWER'],
  ])('because %s leaves the chart unchecked', async (_, status, code) => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.fill(4);
    user.world.server.intercept = (path, response) => {
      if (path !== PROOF) return false;
      response.writeHead(status).end('<html>');
      return true;
    };
    expect(await user.run()).toMatchObject({ status: 5, code });
    expect((await user.remembered()).size).toBe(13);
    expect(await user.evidence()).toEqual([]);
  });

  it('because the path is not there is a refusal', async () => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.fill(4);
    user.world.server.intercept = (path, response) => {
      if (path === PROOF) response.writeHead(404).end();
      return path === PROOF;
    };
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });
});
