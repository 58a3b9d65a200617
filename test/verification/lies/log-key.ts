import { newLogKeys } from '../../support/log-keys.ts';
import { DAY } from '../../support/signer.ts';
import { trustedRoot } from '../../support/trusted-root.ts';
import { saying, type Forgery, type Row } from '../row.ts';
import { LOGGED, type Scene } from '../scene.ts';

/** Logs that sign with a key that is not trusted, or was not when they signed. */
const rows: readonly Row[] = [
  {
    name: "a log of the attacker's own",
    story:
      'Another log answers in place of the trusted one: its own key signs everything, and all of it is true.',
    stage: saying(() => everythingSignedBy(newLogKeys['P-256']())),
  },
  {
    name: "a log of the attacker's own that hands out its key",
    story: 'The server of the log has been taken over, and gives the new key as its own.',
    stage: (scene) => {
      const keys = newLogKeys.Ed25519();
      scene.logChart();
      scene.log.keys = keys;
      scene.log.beforeSigning = (said) => ({ ...said, ...everythingSignedBy(keys) });
    },
  },
  {
    name: 'the log ID of another key',
    story: 'The true key signs, under the log ID of another key.',
    stage: saying(() => ({ logId: newLogKeys['P-256']().key.logId })),
  },
  {
    name: 'a shard that nobody told of',
    story: 'The entry is in a later tree of the same log, whose key the user was never told.',
    stage: (scene) => {
      scene.log.addShard(newLogKeys['P-256']());
      scene.log.fill(3);
      scene.logChart();
    },
  },
  {
    name: 'a key that was retired before',
    story: 'The trusted root says that the log had given up this key a day before it signed.',
    stage: (scene) => logUnder(scene, { start: LOGGED - 90 * DAY, end: LOGGED - DAY }),
  },
  {
    name: 'a key that comes later',
    story: 'The trusted root says that the log got this key only a day after it signed.',
    stage: (scene) => logUnder(scene, { start: LOGGED + DAY }),
  },
];

export const logKeyForgeries = rows.map((row): Forgery => ({ ...row, caughtBy: 'log-key', status: 10 }));

function everythingSignedBy(keys: ReturnType<typeof newLogKeys.Ed25519>) {
  return { logId: keys.key.logId, keys: { promise: keys, checkpoint: keys } };
}

async function logUnder(scene: Scene, validFor: { start: number; end?: number }): Promise<void> {
  scene.logChart();
  const root = trustedRoot([{ url: scene.server.url, keys: scene.log.keys, validFor }]);
  scene.trust = ['--trusted-root', await scene.write('trusted_root.json', root)];
}
