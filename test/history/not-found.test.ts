import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../src/encoding.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { rollBack, startAnew } from '../support/rewritten-log.ts';
import { signCheckpoint } from '../support/statement.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

const ENTRIES = 'POST /api/v1/log/entries/retrieve';
const INDEX = 'POST /api/v1/index/retrieve';
const LOG = 'GET /api/v1/log';
const PROOF = 'GET /api/v1/log/proof';

/** A user who verified the chart, which the log now says that it does not have. */
async function afterwards(): Promise<ReturningUser> {
  const user = await ReturningUser.open();
  await user.run();
  hide(user);
  return user;
}

/** The log does not answer for the chart any more, whatever it has. */
function hide({ world: { log, predicted } }: ReturningUser): void {
  log.indexed = [];
  log.answerInstead(predicted);
}

/** A log that was put back to before the chart was in it. */
async function rolledBack(): Promise<ReturningUser> {
  const user = await afterwards();
  rollBack(user.world.log, 7);
  hide(user);
  return user;
}

describe('a log that was rolled back below an entry says that it does not have it, and', () => {
  it.each([[], ['--require-consistency']])('verify rejects it: %s', async (...options) => {
    const user = await rolledBack();
    const round = await user.run('verify', ...options);
    expect(round).toMatchObject({
      status: 10,
      code: 'REJECTED',
      verdict: 'rejected',
      outcomes: { consistency: 'failed', 'entry-kind': 'the log has no entry of this provenance' },
    });
    expect(round.stderr).toContain('the log was rolled back or has forked');
    expect(round.conflicts).toHaveLength(1);
    expect(await user.evidence()).toHaveLength(1);
    expect((await user.run()).status).toBe(10);
  });

  it('upload gives it nothing', async () => {
    const user = await rolledBack();
    const round = await user.run('upload');
    expect(round).toMatchObject({ status: 10, code: 'REJECTED', outcomes: { consistency: 'failed' } });
    expect(round.asked).not.toContain('POST /api/v1/log/entries');
  });

  it('search rejects it', async () => {
    const { status, stdout, stderr } = await (await rolledBack()).search();
    expect(status).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [{ code: 'REJECTED' }], conflicts: [{}] });
    expect(stderr).toMatch(/^Error: the search for .*: consistency: the tree is smaller than it was/m);
  });

  it('doctor says so, until what was seen is forgotten', async () => {
    const user = await rolledBack();
    expect((await user.doctor()).status).toBe(0);
    await user.run();
    const { status, stdout } = await user.doctor();
    const { findings, errors } = JSON.parse(stdout) as {
      findings: { subject: string }[];
      errors: { code: string }[];
    };
    expect(status).toBe(10);
    expect(errors).toMatchObject([{ code: 'REJECTED' }]);
    expect(findings.find(({ subject }) => subject === 'History')).toMatchObject({
      level: 'failed',
      found: expect.stringContaining('contradicted at 2024-07-01T00:00:00Z what it had shown') as string,
      remedy: expect.stringContaining('show the file to those who run the log') as string,
    });
    expect((await user.doctor('text')).stdout).toMatch(/^failed +History .*rolled back/m);
    await user.clear();
    expect((await user.doctor()).status).toBe(0);
  });
});

describe('a log that shows another tree and says that it does not have an entry', () => {
  it('is rejected where the one of before is not listed', async () => {
    const user = await afterwards();
    startAnew(user.world.log);
    hide(user);
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(round.stderr).toContain('no longer the one seen before');
    expect(await user.evidence()).toHaveLength(1);
  });

  it('is rejected where the one of before is listed without its signature, beside one that was seen as well', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    log.addShard();
    await user.info();
    hide(user);
    const [first] = log.shards;
    const head = log.head.bind(log);
    log.head = (shard) =>
      shard === first ? head(shard).replace(/\n\n[^]*$/, '\n\n— x AAAAAAAA\n') : head(shard);
    const round = await user.run();
    expect(round).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });
});

describe('a log that does not show what it has leaves the chart unchecked, because', () => {
  it.each([
    ['it knows no such path', 404, '{"code":404,"message":"path was not found"}'],
    ['it has nothing to say', 404, ''],
    ['it is broken', 503, ''],
    ['it does not offer that', 501, '{"code":501,"message":"off"}'],
    ['somebody else answers', 200, '<html>'],
  ])('%s (%i)', async (_, status, body) => {
    const user = await afterwards();
    user.world.server.intercept = (path, response) => {
      if (path === LOG) response.writeHead(status).end(body);
      return path === LOG;
    };
    for (const command of ['verify', 'upload'] as const) {
      const round = await user.run(command);
      expect(round).toMatchObject({ status: 5, conflicts: undefined });
      expect(round.asked).not.toContain('POST /api/v1/log/entries');
    }
    expect((await user.search()).status).toBe(5);
  });

  it('no trusted key signed what it shows', async () => {
    const user = await afterwards();
    const { log } = user.world;
    const head = log.head.bind(log);
    const stranger = newLogKeys['P-256']();
    log.head = (shard) => head({ ...shard, keys: stranger });
    const round = await user.run();
    expect(round).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
    expect(round.stderr).toContain('found no checkpoint that a trusted key signed');
    expect(await user.evidence()).toEqual([]);
  });

  it('it is frozen: it shows a checkpoint of before, which is true', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    const before = log.truth(log.leaf(0), 7);
    await user.run();
    hide(user);
    user.world.server.intercept = (path, response) => {
      if (path !== LOG) return false;
      const tree = { ...shardAt(user, 7), treeSize: before.proof.treeSize };
      response.end(JSON.stringify({ ...tree, inactiveShards: null }));
      return true;
    };
    const round = await user.run();
    expect(round).toMatchObject({ status: 5, code: 'LOG_ANSWER', conflicts: undefined });
    expect(round.stderr).toContain('expected a checkpoint of tree');
    expect(await user.evidence()).toEqual([]);
  });
});

/** What the log said of its tree when it had so many leaves. */
function shardAt({ world: { log } }: ReturningUser, size: number): Record<string, unknown> {
  const { treeId, tree } = log.active;
  const rootHash = tree.root(size);
  const checkpoint = { ...log.truth(log.leaf(0), size).checkpoint };
  const signedTreeHead = signCheckpoint(checkpoint, log.keys);
  return { treeID: treeId, rootHash: encodeHex(rootHash), signedTreeHead };
}

describe('a log that does not have an entry, and all that it had, is believed', () => {
  it('with one request more where it did not change, and two where it has grown', async () => {
    const user = await afterwards();
    expect(await user.run()).toMatchObject({
      status: 4,
      asked: [ENTRIES, INDEX, LOG],
      stderr: expect.stringMatching(/^Error: no entry/) as string,
    });
    user.world.log.fill(6);
    expect(await user.run()).toMatchObject({ status: 4, asked: [ENTRIES, INDEX, LOG, PROOF] });
    expect((await user.remembered()).size).toBe(19);
    expect((await user.search()).status).toBe(4);
    expect(await user.evidence()).toEqual([]);
  });

  it('after a rotation', async () => {
    const user = await afterwards();
    user.world.log.fill(6);
    user.world.log.addShard();
    hide(user);
    const { status, asked } = await user.run();
    expect({ status, asked: new Set(asked) }).toEqual({
      status: 4,
      asked: new Set([ENTRIES, INDEX, LOG, PROOF]),
    });
  });

  it('without a question where nothing was seen of it', async () => {
    const user = await ReturningUser.open();
    hide(user);
    expect(await user.run()).toMatchObject({ status: 4, asked: [ENTRIES, INDEX] });
    expect((await user.search()).status).toBe(4);
  });

  it('with --require-consistency as well', async () => {
    const user = await afterwards();
    expect(await user.run('verify', '--require-consistency')).toMatchObject({ status: 4 });
  });

  it('and takes an upload, once', async () => {
    const user = await ReturningUser.open();
    const { log, server } = user.world;
    await user.run();
    rollBack(log, 0);
    await user.clear();
    log.fill(3);
    await user.info();
    server.integratedTime = user.settings.now;
    const round = await user.run('upload');
    expect(round.status).toBe(0);
    expect(round.asked).toEqual([ENTRIES, LOG, 'POST /api/v1/log/entries', PROOF]);
  });
});
