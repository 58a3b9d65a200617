import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/verification/checks.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { replaceLeaf, rollBack, startAnew } from '../support/rewritten-log.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

interface Info {
  readonly status: number;
  readonly trees: readonly Tree[];
  readonly conflicts?: readonly unknown[];
  readonly errors?: readonly { readonly code: string; readonly hint?: string }[];
}

interface Tree {
  readonly treeId: string;
  readonly state: string;
  readonly treeSize: number;
  readonly rootHash: string;
  readonly checks: readonly Check[];
  readonly lastSeen?: { readonly treeSize: number; readonly time?: string };
}

const read = ({ stdout }: Ran) => JSON.parse(stdout) as Info;
const outcomes = ({ checks }: Tree) => checks.map(({ outcome }) => outcome);

describe('log info', () => {
  it('shows a tree that was never seen, and remembers it', async () => {
    const user = await ReturningUser.open();
    const { treeId, keys } = user.world.log.active;
    const first = await user.info();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(read(first).trees).toMatchObject([
      {
        treeId,
        state: 'active',
        treeSize: 13,
        checks: [
          { id: 'checkpoint', outcome: 'passed', detail: `signed by ${keys.key.logId}` },
          { id: 'consistency', outcome: 'skipped', detail: 'no checkpoint seen before' },
        ],
      },
    ]);
    expect(read(first).trees[0]).not.toHaveProperty('lastSeen');

    user.world.log.fill(4);
    const [tree] = read(await user.info()).trees;
    expect(tree && outcomes(tree)).toEqual(['passed', 'passed']);
    expect(tree?.lastSeen).toEqual({ treeSize: 13, time: '2024-07-01T00:00:00Z' });
  });

  it('holds what it remembers against the answers to verify', async () => {
    const user = await ReturningUser.open();
    await user.info();
    rollBack(user.world.log, 10);
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });

  it('shows the trees that grow no more', async () => {
    const user = await ReturningUser.open();
    await user.run();
    user.world.log.addShard();
    const { status, trees } = read(await user.info());
    expect(status).toBe(0);
    expect(trees.map(({ state, treeSize }) => [state, treeSize])).toEqual([
      ['active', 0],
      ['inactive', 13],
    ]);
    expect(trees.map(outcomes)).toEqual([
      ['passed', 'passed'],
      ['passed', 'passed'],
    ]);
  });

  it('rejects a tree that is another than the one seen before', async () => {
    const user = await ReturningUser.open();
    await user.run();
    replaceLeaf(user.world.log, 3);
    const ran = await user.info();
    expect(read(ran)).toMatchObject({ status: 10, errors: [{ code: 'REJECTED' }] });
    expect(read(ran).conflicts?.length).toBe(1);
    expect((await user.evidence()).length).toBe(1);
  });

  it('rejects an empty tree that was not empty before', async () => {
    const user = await ReturningUser.open();
    await user.run();
    rollBack(user.world.log, 0);
    expect(read(await user.info()).status).toBe(10);
  });

  it('misses a tree that the log does not list any more', async () => {
    const user = await ReturningUser.open();
    await user.run();
    const { treeId } = user.world.log.active;
    startAnew(user.world.log);
    const { status, trees, conflicts } = read(await user.info());
    expect(status).toBe(10);
    expect(trees[1]).toMatchObject({ treeId, state: 'missing', treeSize: 13, lastSeen: { treeSize: 13 } });
    expect(trees[1] && outcomes(trees[1])).toEqual(['passed', 'failed']);
    expect(conflicts?.length).toBe(1);
  });

  it('misses a tree also where all others were seen before', async () => {
    const user = await ReturningUser.open();
    const { log } = user.world;
    log.addShard();
    log.fill(3);
    await user.info();
    log.shards.shift();
    expect(read(await user.info())).toMatchObject({
      status: 10,
      trees: [{ state: 'active' }, { state: 'missing', treeSize: 13 }],
    });
  });

  it('rejects a tree that no trusted key signed, and says how to trust one', async () => {
    const user = await ReturningUser.open();
    user.world.log.addShard(newLogKeys['P-256']());
    const { status, trees, errors } = read(await user.info());
    expect(status).toBe(10);
    expect(trees.map(outcomes)).toEqual([
      ['failed', 'skipped'],
      ['passed', 'skipped'],
    ]);
    expect(errors?.[0]?.hint).toContain('--rekor-public-key');
  });

  it('shows a log without a trusted key, unchecked and not remembered', async () => {
    const user = await ReturningUser.open();
    user.settings.trust = [];
    const ran = await user.info();
    expect(read(ran)).toMatchObject({
      status: 5,
      trees: [{ state: 'active', treeSize: 13, checks: [] }],
      errors: [{ code: 'LOG_UNTRUSTED', hint: expect.stringContaining('log pin') as string }],
    });
    await expect(user.remembered()).rejects.toThrow('ENOENT');
  });

  it('says it all in words', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    await user.info();
    world.log.fill(2);
    const { treeId, tree, keys } = world.log.active;
    const { stdout } = await runProgram(
      ['log', 'info', '--rekor-server', world.server.url, ...world.user.trust],
      {
        now: world.user.now,
        env: { HELM_SIGSTORE_HOME: user.state },
      },
    );
    expect(stdout.split('\n')).toEqual([
      `Rekor Server: ${world.server.url}`,
      `Trusted By: ${world.user.trust[1]}`,
      '',
      `Tree: ${treeId} (active)`,
      '  Size: 15',
      `  Root Hash: ${Buffer.from(tree.root(15)).toString('hex')}`,
      `  Checkpoint: passed: signed by ${keys.key.logId}`,
      '  Consistency: passed: the trees of size 13, seen before, and 15 are one',
      '  Last Seen: size 13 at 2024-07-01T00:00:00Z',
      '',
    ]);
  });
});
