import { moveTree, replaceLeaf, rollBack, startAnew } from '../../support/rewritten-log.ts';
import { DAY } from '../../support/signer.ts';
import type { Forgery, Row } from '../row.ts';
import { LOGGED, type Scene } from '../scene.ts';

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
    stage: after((scene) => {
      startAnew(scene.log);
      scene.logChart();
    }),
  },
  {
    name: 'a forked past of a new tree',
    story: 'The log goes on with a new tree, beside which the old one is another than the user saw.',
    stage: after((scene) => {
      replaceLeaf(scene.log, 2);
      scene.log.addShard();
      logHere(scene);
    }),
  },
  {
    name: 'indexes given twice',
    story: 'A new tree claims to begin where the old one does, so that its entries seem to be as old.',
    stage: after((scene) => {
      scene.log.addShard();
      moveTree(scene.log, 0);
      logHere(scene);
    }),
  },
].map((row: Row): Forgery => ({ ...row, caughtBy: 'consistency', status: 10 }));

/** Times that were true once. */
export const datedBackForgeries: readonly Forgery[] = [
  {
    name: 'dated back behind the last look',
    story: 'The log takes the entry now, and says that it did before the user last saw its tree without it.',
    stage: after(logHere),
  },
  {
    name: 'dated back in a new tree',
    story: 'The same, in a new tree, which the user never saw, after the old one had grown on.',
    stage: after((scene) => {
      scene.log.fill(5);
      scene.log.addShard();
      logHere(scene);
    }),
  },
].map((row: Row): Forgery => ({ ...row, caughtBy: 'log-time', status: 10, also: { consistency: 'passed' } }));

/** The user looks at the log, which has the chart, and looks again two days later, when `change` has been made. */
function after(change: (scene: Scene) => void, later = 5): Row['stage'] {
  return async (scene) => {
    const { server, log } = scene;
    server.intercept = (_, response) => {
      response.setHeader('date', new Date(scene.now * 1000).toUTCString());
      return false;
    };
    scene.logChart();
    log.fill(9);
    await scene.run('verify');
    scene.now += 2 * DAY;
    scene.later = later;
    change(scene);
  };
}

/** Logs the chart in the active tree, as of long ago, and hides that it is anywhere else. */
function logHere(scene: Scene): void {
  const { log, predicted } = scene;
  log.indexed = [];
  log.answerInstead(predicted, log.append(scene.body(), { integratedTime: LOGGED, indexed: false }));
}
