import { newLogKeys } from '../../support/log-keys.ts';
import { DAY } from '../../support/signer.ts';
import { trustedRoot } from '../../support/trusted-root.ts';
import { type HostileWorld, LOGGED } from '../../support/world/hostile-world.ts';
import { saying, type Forgery, type Row } from '../row.ts';

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
    stage: (world) => {
      const keys = newLogKeys.Ed25519();
      world.logChart();
      world.log.keys = keys;
      world.log.beforeSigning = (said) => ({ ...said, ...everythingSignedBy(keys) });
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
    stage: (world) => {
      world.log.addShard(newLogKeys['P-256']());
      world.log.fill(3);
      world.logChart();
    },
  },
  {
    name: 'a key that was retired before',
    story: 'The trusted root says that the log had given up this key a day before it signed.',
    stage: (world) => logUnder(world, { start: LOGGED - 90 * DAY, end: LOGGED - DAY }),
  },
  {
    name: 'a key that comes later',
    story: 'The trusted root says that the log got this key only a day after it signed.',
    stage: (world) => logUnder(world, { start: LOGGED + DAY }),
  },
];

export const logKeyForgeries = rows.map((row): Forgery => ({ ...row, caughtBy: 'log-key', status: 10 }));

function everythingSignedBy(keys: ReturnType<typeof newLogKeys.Ed25519>) {
  return { logId: keys.key.logId, keys: { promise: keys, checkpoint: keys } };
}

async function logUnder(world: HostileWorld, validFor: { start: number; end?: number }): Promise<void> {
  world.logChart();
  const root = trustedRoot([{ url: world.server.url, keys: world.log.keys, validFor }]);
  world.user.trust = ['--trusted-root', await world.write('trusted_root.json', root)];
}
