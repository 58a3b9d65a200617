import { describe, expect, it } from 'vitest';
import { ReferenceTree } from '../support/independent/tree.mjs';
import { replaceLeaf } from '../support/rewritten-log.ts';
import { LOGGED } from '../support/world/hostile-world.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

describe('a log that says two things in one run', () => {
  it('is rejected when one of its trees is a fork of the other, although each proves the chart', async () => {
    const user = await ReturningUser.open();
    const { world } = user;
    const { log, predicted } = world;
    log.fill(30);
    const honest = log.active;
    const shown = leafOf(user);
    // Under the name and key of the public tree: the chart at another place and an earlier time, for this user alone.
    const fork = { ...honest, tree: new ReferenceTree(), leaves: [] };
    log.shards.push(fork);
    log.fill(2);
    const earlier = log.append(world.body(), { integratedTime: LOGGED - 1800, indexed: false });
    log.shards.pop();

    log.answerInstead(predicted, earlier, shown, shown);
    let answers = 0;
    log.beforeSigning = (said) => (answers++ === 0 ? said : log.truth(shown, 20 + answers));
    const ran = await user.run();
    expect(ran).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });

  it.each([0, 2, 4])('is rejected when it shows a fork for one of many charts, the answer %i', async (at) => {
    const user = await ReturningUser.open();
    const { world } = user;
    const { log, chart } = world;
    const fork = { ...log.active, tree: new ReferenceTree(), leaves: [] };
    log.shards.push(fork);
    log.fill(2);
    const forked = log.append(world.body(), { integratedTime: LOGGED, indexed: false });
    log.shards.pop();

    let answers = 0;
    log.beforeSigning = (said) => (answers++ === at ? log.truth(forked) : said);
    const { status, conflicts } = await user.run('verify', ...Array<string>(19).fill(chart.path));
    expect(answers).toBeGreaterThan(4);
    expect(status).toBe(10);
    expect(conflicts).toHaveLength(1);
    expect(await user.evidence()).toHaveLength(1);
  });

  it('cannot have what it once showed forgotten by an answer with impossible indexes', async () => {
    const user = await ReturningUser.open();
    const { log, predicted } = user.world;
    const leaf = leafOf(user);
    log.answerInstead(predicted, leaf, leaf);
    let isFirst = true;
    log.beforeSigning = (said) => {
      const answer = isFirst ? { ...said, logIndex: 0 } : said;
      isFirst = false;
      return answer;
    };
    expect(await user.run()).toMatchObject({ status: 0 });

    log.beforeSigning = (said) => said;
    replaceLeaf(log, 0);
    log.answerInstead(predicted, leafOf(user));
    expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
  });
});

function leafOf({ world }: ReturningUser) {
  const leaf = world.log.active.leaves.find(({ hash }) => hash === world.predicted);
  if (leaf === undefined) throw new Error('the chart is not logged');
  return leaf;
}
