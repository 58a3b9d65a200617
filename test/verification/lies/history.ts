import { CHECK_IDS, LOCAL_CHECK_IDS } from '../../../src/verification/openpgp-rekor.ts';
import { moveTree, pretendOlder, replaceLeaf, rollBack, startAnew } from '../../support/rewritten-log.ts';
import { DAY } from '../../support/signer.ts';
import type { HostileWorld } from '../../support/world/hostile-world.ts';
import type { Forgery, Row } from '../row.ts';

/** What a log shows to a user who looked at it before. */
export const consistencyForgeries: readonly Forgery[] = [
  {
    name: 'a roll-back',
    story: 'The log takes back entries that the user has seen, and shows the smaller tree, truly signed.',
    stage: after(({ log }) => {
      rollBack(log, 8);
    }),
  },
  {
    name: 'another tree of the same size',
    story: 'The log has another entry in the place of one that the user saw in its tree.',
    stage: after(({ log }) => {
      replaceLeaf(log, 2);
    }, 0),
  },
  {
    name: 'a fork',
    story: 'The log has grown, but not out of the tree that the user saw: one entry of that is another one.',
    stage: after(({ log }) => {
      replaceLeaf(log, 2);
    }),
  },
  {
    name: 'a new beginning',
    story: 'The tree that the user saw has vanished, and the chart is in a new one.',
    stage: after((world) => {
      startAnew(world.log);
      world.logChart();
    }),
  },
  {
    name: 'a forked past of a new tree',
    story: 'The log goes on with a new tree, beside which the old one is another than the user saw.',
    stage: after((world) => {
      replaceLeaf(world.log, 2);
      world.log.addShard();
      world.logAsOld();
    }),
  },
].map((row: Row): Forgery => ({ ...row, caughtBy: 'consistency', status: 10 }));

/** A log that says that it has no entry, and shows less than it did. */
export const silencedForgeries: readonly Forgery[] = [
  {
    name: 'an entry taken back',
    story: 'The log was put back to a state in which the chart was not in it, and says that it has no entry.',
    stage: after(({ log }) => {
      rollBack(log, 7);
    }, 0),
  },
  {
    name: 'an entry taken back from a tree that grows',
    story: 'The log takes the entry back, adds many others, and says that it has no entry.',
    stage: after(({ log }) => {
      rollBack(log, 7);
      log.fill(40);
    }),
  },
  {
    name: 'a log without its past',
    story: 'The log shows a new tree in place of the one that the user saw, and says that it has no entry.',
    stage: after(({ log }) => {
      startAnew(log);
    }),
  },
  {
    name: 'an entry taken back from a tree that grows no more',
    story:
      'The log takes the entry back from its old tree, goes on with a new one, and says that it has no entry.',
    stage: after(({ log }) => {
      rollBack(log, 7);
      log.addShard();
    }),
  },
].map((row: Row): Forgery => {
  const stage: Row['stage'] = async (world) => {
    await row.stage(world);
    world.log.indexed = [];
  };
  const also = Object.fromEntries(
    CHECK_IDS.slice(LOCAL_CHECK_IDS.length, -1).map((id) => [id, 'the log has no entry of this provenance']),
  );
  return { ...row, stage, caughtBy: 'consistency', status: 10, also };
});

/** Times that were true once. */
export const datedBackForgeries: readonly Forgery[] = [
  {
    name: 'dated back behind the last look',
    story: 'The log takes the entry now, and says that it did before the user last saw its tree without it.',
    stage: after((world) => {
      world.logAsOld();
    }),
  },
  {
    name: 'dated back in a new tree',
    story: 'The same, in a new tree, which the user never saw, after the old one had grown on.',
    stage: after((world) => {
      world.log.fill(5);
      world.log.addShard();
      world.logAsOld();
    }),
  },
  {
    name: 'indexes given twice',
    story:
      'The same, and the new tree claims to begin where the old one does, so that its entries seem to be as old.',
    stage: after((world) => {
      world.log.fill(5);
      world.log.addShard();
      moveTree(world.log, 0);
      world.logAsOld();
    }),
  },
  {
    name: 'dated back in a tree that is said to be old',
    story:
      'The same, in a new tree that the log lists as one that was frozen before; the user had its trees listed.',
    stage: afterListing((world) => {
      world.log.fill(5);
      world.log.addShard();
      logAsFrozen(world);
    }),
  },
  {
    name: 'dated back in a tree that turned old',
    story: 'The same, in a tree that the user saw listed as the one that grows; now it is said to be older.',
    stage: after(async (world) => {
      world.log.fill(5);
      world.log.addShard();
      world.log.fill(3);
      await world.listTrees();
      logAsFrozen(world);
    }),
  },
  {
    name: 'dated back in a tree in reserve',
    story: 'The log lists an empty tree as an inactive shard, and later dates back in it.',
    stage: afterListing(
      (world) => {
        world.log.fill(5);
        world.log.shards.reverse();
        logAsFrozen(world);
      },
      (world) => {
        world.log.addShard();
        pretendOlder(world.log);
      },
    ),
  },
].map((row: Row): Forgery => ({ ...row, caughtBy: 'log-time', status: 10, also: { consistency: 'passed' } }));

type Change = (world: HostileWorld) => unknown;

/** The user looks at the log, which has the chart, and looks again two days later, when `change` has been made. */
function after(change: Change, later = 5): Row['stage'] {
  return async (world) => {
    const { server, log } = world;
    server.intercept = (_, response) => {
      response.setHeader('date', new Date(world.user.now * 1000).toUTCString());
      return false;
    };
    world.logChart();
    log.fill(9);
    await world.run('verify');
    world.user.now += 2 * DAY;
    world.later = later;
    await change(world);
  };
}

/** As `after`, of a user who also had the trees of the log listed, with what it `prepared` for that. */
function afterListing(change: Change, prepare: Change = () => undefined): Row['stage'] {
  return after(async (world) => {
    prepare(world);
    await world.listTrees();
    world.user.now += 2 * DAY;
    await change(world);
  });
}

/** Dates the chart back in the tree that was begun last, and lists that as the first one. */
function logAsFrozen(world: HostileWorld): void {
  world.logAsOld();
  pretendOlder(world.log);
}
