import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { formatEvidence } from '../../src/evidence/format.ts';
import { serializeCertificate } from '../../src/openpgp/whole-certificate.ts';
import { HostileLog, type Leaf } from '../support/hostile-log.ts';
import { ReturningUser } from '../support/world/returning-user.ts';
import { LOGGED, NOW, HostileWorld } from '../support/world/hostile-world.ts';
import { copiesWith, keepBeside, keptEntry } from './kept.ts';

const PROOF = 'GET /api/v1/log/proof';

interface Kept {
  readonly user: ReturningUser;
  readonly leaf: Leaf;
  readonly path: string;
}

/** A user whose chart has evidence beside it. */
async function withEvidence(): Promise<Kept> {
  const user = await ReturningUser.open();
  const { log } = user.world;
  const leaf = log.active.leaves.find(({ hash }) => hash === user.world.predicted);
  if (leaf === undefined) throw new Error('the chart is not logged');
  return { user, leaf, path: await keepBeside(user.world, keptEntry(log, leaf)) };
}

describe('evidence beside the chart', () => {
  test('proves it without a single request, and again when its checkpoint was seen', async () => {
    const { user, path } = await withEvidence();
    const first = await user.run();
    expect(first).toMatchObject({ status: 0, verdict: 'verified', asked: [], evidence: { path } });
    expect(first.outcomes).toMatchObject({ 'entry-id': 'passed', consistency: 'no checkpoint seen before' });
    const second = await user.run();
    expect(second).toMatchObject({ status: 0, asked: [] });
    expect(second.outcomes).toMatchObject({ consistency: 'passed' });
  });

  test('costs one consistency proof where the tree was seen at another size, and no search', async () => {
    const { user } = await withEvidence();
    user.world.log.fill(3);
    await user.info();
    const later = await user.run();
    expect(later).toMatchObject({ status: 0, asked: [PROOF] });
    expect(later.outcomes).toMatchObject({ consistency: 'passed' });
    expect((await user.remembered()).size).toBe(user.world.log.active.tree.size);
  });

  test('is named with --evidence for a chart that has none beside it', async () => {
    const { user, leaf, path } = await withEvidence();
    const { world } = user;
    const elsewhere = await world.write(
      'kept.json',
      formatEvidence({ log: world.server.url, entries: [keptEntry(world.log, leaf)] }),
    );
    await rm(path);
    const ran = await user.run('verify', '--evidence', elsewhere);
    expect(ran).toMatchObject({ status: 0, asked: [], evidence: { path: elsewhere } });
    expect(await user.run('verify', '--evidence', `${elsewhere}.missing`)).toMatchObject({
      status: 3,
      asked: [],
    });
  });

  test('--evidence is for one chart', async () => {
    const { user, path } = await withEvidence();
    const ran = await user.run('verify', user.world.chart.path, '--evidence', path);
    expect(ran).toMatchObject({ status: 2, asked: [] });
  });

  test('that is of another chart is not held against the log', async () => {
    const { user } = await withEvidence();
    const { world } = user;
    const body = world.body({ sha256: 'ab'.repeat(32) });
    const other = world.log.append(body, { integratedTime: LOGGED });
    await keepBeside(world, keptEntry(world.log, other));
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 10, verdict: 'rejected', asked: [] });
    expect(ran.stderr).toContain('Hint: get the evidence again, from where the chart is');
    expect(ran.stderr).not.toContain('those who run the log');
  });

  test('that is missing is made good by asking the log', async () => {
    const { user, path } = await withEvidence();
    await rm(path);
    expect(await user.run()).toMatchObject({ status: 0, asked: ['POST /api/v1/log/entries/retrieve'] });
  });

  test('holds in a form that nobody predicts, if it holds this digest and this signature', async () => {
    const { user } = await withEvidence();
    const { world } = user;
    // Two copies of the certificate in one entry: no publisher's tool sends that.
    const twice = serializeCertificate(world.certificate);
    const body = world.body({ certificateBytes: Buffer.concat([world.minimised(), twice]) });
    await keepBeside(world, keptEntry(world.log, world.log.append(body, { integratedTime: LOGGED })));
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 0, asked: [] });
    expect(ran.outcomes).toMatchObject({ 'entry-id': 'passed' });
  });

  test('of several entries proves it by one, and names the others', async () => {
    const { user, leaf } = await withEvidence();
    const { world } = user;
    const bad = world.log.append(world.body({ sha256: '0'.repeat(64) }), { integratedTime: LOGGED });
    await keepBeside(world, keptEntry(world.log, bad), keptEntry(world.log, leaf));
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 0, asked: [], others: [{ uuid: bad.uuid }] });
  });

  test('leaves no sighting: nobody knows when the log said that', async () => {
    const { user } = await withEvidence();
    await user.run();
    expect(await user.remembered()).toMatchObject({ sightings: [], servers: [] });
  });
});

describe('evidence that does not hold rejects the chart, and the log is not asked for better', () => {
  test.each<[what: string, check: string, forge: (kept: Kept) => Promise<unknown>]>([
    [
      'of another chart',
      'entry-binding',
      async ({ user: { world } }) => {
        const other = world.body({ sha256: 'ab'.repeat(32) });
        await keepBeside(world, keptEntry(world.log, world.log.append(other, { integratedTime: LOGGED })));
      },
    ],
    [
      'of another signature of the same chart',
      'entry-binding',
      async ({ user: { world } }) => {
        const other = await HostileWorld.open({
          publisher: { userIds: ['Somebody Else <else@example.com>'] },
        });
        const body = world.body({ signatureBytes: other.provenance.signatureBytes });
        await keepBeside(world, keptEntry(world.log, world.log.append(body, { integratedTime: LOGGED })));
      },
    ],
    [
      'that is no helm entry',
      'entry-kind',
      async ({ user: { world } }) => {
        await keepBeside(world, keptEntry(world.log, world.log.leaf(0)));
      },
    ],
    [
      'of a log with another key',
      'log-key',
      async ({ user: { world } }) => {
        const other = new HostileLog();
        const leaf = other.append(world.body(), { integratedTime: LOGGED });
        await keepBeside(world, keptEntry(other, leaf));
      },
    ],
    [
      'with the ID of this log and the signatures of another',
      'inclusion-promise',
      async ({ user: { world } }) => {
        const other = new HostileLog();
        const leaf = other.append(world.body(), { integratedTime: LOGGED });
        await keepBeside(world, { ...keptEntry(other, leaf), logId: world.log.keys.key.logId });
      },
    ],
    [
      'whose entries are all of others',
      'entry-binding',
      async ({ user: { world } }) => {
        const leaves = ['aa', 'bb', 'cc'].map((hex) =>
          world.log.append(world.body({ sha256: hex.repeat(32) }), { integratedTime: LOGGED }),
        );
        await keepBeside(world, ...leaves.map((each) => keptEntry(world.log, each)));
      },
    ],
    [
      'whose proof leads elsewhere',
      'inclusion-proof',
      async ({ user: { world }, leaf }) => {
        const entry = keptEntry(world.log, leaf);
        const hashes = entry.proof.hashes.toReversed();
        await keepBeside(world, { ...entry, proof: { ...entry.proof, hashes } });
      },
    ],
  ])('%s: %s', async (_, check, forge) => {
    const kept = await withEvidence();
    await forge(kept);
    const ran = await kept.user.run();
    expect(ran).toMatchObject({ status: 10, code: 'REJECTED', verdict: 'rejected', asked: [] });
    expect(ran.stderr).toContain(`: ${check}: `);
  });

  test.each<[what: string, bytes: (good: Buffer) => Uint8Array | string, message: string]>([
    ['that is half written', (good) => good.subarray(0, good.length / 2), 'is no evidence file'],
    ['that is empty', () => '', 'is no evidence file'],
    ['of two mebibytes', () => Buffer.alloc(2 << 20, 0x20), 'cannot read'],
    [
      'with an unknown member',
      (good) => good.toString().replace('"log"', '"more": 1, "log"'),
      'is no evidence file',
    ],
    [
      'of a newer version',
      (good) => good.toString().replace('.v1+json', '.v2+json'),
      'evidence of version 2',
    ],
    ['that is a web page', () => '<!doctype html><html></html>', 'is no evidence file'],
  ])('one %s ends with status 3, and the log is not asked', async (_, bytes, message) => {
    const { user, leaf, path } = await withEvidence();
    const { world } = user;
    const good = Buffer.from(
      formatEvidence({ log: world.server.url, entries: [keptEntry(world.log, leaf)] }),
    );
    await writeFile(path, bytes(good));
    for (const options of [[], ['--offline']]) {
      const ran = await user.run('verify', ...options);
      expect(ran).toMatchObject({ status: 3, code: 'INPUT', asked: [] });
      expect(ran.stderr).toContain(message);
    }
  });
});

describe('evidence whose checkpoint contradicts what was seen before', () => {
  test('is rejected where both are of one size, and both are kept', async () => {
    const { user, leaf } = await withEvidence();
    const { world } = user;
    await user.info();
    const { size } = world.log.active.tree;
    const fork = new HostileLog(world.log.keys);
    fork.fill(size - 1);
    const forged = fork.append(world.body(), { integratedTime: leaf.integratedTime });
    await keepBeside(world, keptEntry(fork, forged));
    for (const options of [['--offline'], []]) {
      const ran = await user.run('verify', ...options);
      expect(ran).toMatchObject({ status: 10, asked: [], outcomes: { consistency: 'failed' } });
      expect(await user.evidence()).toHaveLength(1);
    }
  });

  test('is rejected where the log proves that it is no beginning of its tree', async () => {
    const { user, leaf } = await withEvidence();
    const { world } = user;
    await user.info();
    const fork = new HostileLog(world.log.keys);
    fork.fill(2);
    const forged = fork.append(world.body(), { integratedTime: leaf.integratedTime });
    await keepBeside(world, keptEntry(fork, forged));
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
    expect(new Set(ran.asked)).toEqual(new Set([PROOF]));
  });
});

describe('a log that gives no answer takes nothing from evidence that holds', () => {
  test.each<[what: string, status: number, body: string]>([
    ['that is down for now', 503, '{"code":503,"message":"later"}'],
    ['in whose place something else answers', 404, '<html>no such page</html>'],
    ['that answers nonsense', 200, '{"hashes":1}'],
  ])('%s: verified with a warning, unless consistency is required', async (_, status, body) => {
    const { user } = await withEvidence();
    user.world.log.fill(3);
    await user.info();
    user.world.server.intercept = (path, response) => {
      if (path !== PROOF) return false;
      response.writeHead(status).end(body);
      return true;
    };
    const strict = await user.run('verify', '--require-consistency');
    expect(strict).toMatchObject({ status: 5, code: 'UNCHECKED' });
    const lax = await user.run();
    expect(lax).toMatchObject({ status: 0, verdict: 'verified' });
    expect(lax.outcomes?.['consistency']).toContain('does not answer');
    expect(lax.stderr).toContain('Warning: what was kept is not held against the log as it is now');
  });

  test('it is asked once for many charts', async () => {
    const { user, leaf } = await withEvidence();
    const { world } = user;
    world.log.fill(3);
    await user.info();
    const { size } = world.log.active.tree;
    const entries = [1, 2, 3].map((less) => keptEntry(world.log, leaf, size - less));
    const paths = await copiesWith(world, entries);
    world.server.intercept = (path, response) => {
      response.writeHead(503).end();
      return path === PROOF;
    };
    const ran = await user.run('verify', ...paths);
    expect(ran.status).toBe(0);
    expect(ran.stderr.match(/Warning: what was kept/g)).toHaveLength(1);
    // One question, and the tries that any gets.
    expect(ran.asked).toHaveLength(4);
  });
});

describe('evidence of a tree that has grown, and was frozen, since', () => {
  /** Evidence of an early state of a tree that another one follows by now, which the user has seen grow. */
  async function afterRotation(): Promise<Kept> {
    const kept = await withEvidence();
    const { user } = kept;
    const { world } = user;
    world.log.fill(20);
    world.log.addShard();
    for (const hours of [24, 48]) {
      world.user.now = NOW + hours * 3600;
      world.log.fill(3);
      await user.info();
    }
    return kept;
  }

  test('holds: the log proves that it grew to what was listed', async () => {
    const { user } = await afterRotation();
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 0, outcomes: { 'log-time': 'passed', consistency: 'passed' } });
    expect(await user.run('verify', '--offline')).toMatchObject({ status: 0, asked: [] });
  });

  test('is not believed where its tree is not the one that was listed: it may be dated back', async () => {
    const { user, leaf } = await afterRotation();
    const { world } = user;
    await rm(user.file.replace(world.log.active.treeId, world.log.shards[0]?.treeId ?? ''));
    const fork = new HostileLog(world.log.keys);
    fork.fill(4);
    const forged = fork.append(world.body(), { integratedTime: leaf.integratedTime });
    await keepBeside(world, keptEntry(fork, forged));
    expect((await user.run()).status).toBe(5);
  });
});
