import { publicKeyPem } from '../../support/hostile-api.ts';
import { newLogKeys, type LogKeyPair } from '../../support/log-keys.ts';
import { DAY } from '../../support/signer.ts';
import { trustedRoot } from '../../support/trusted-root.ts';
import { type HostileWorld, LOGGED } from '../../support/world/hostile-world.ts';
import type { Variation } from '../row.ts';

/** Trees and keys that logs have. */
export const honestTrees: readonly Variation[] = [
  ...(['P-384', 'Ed25519', 'RSA-2048'] as const).map((kind): Variation => ({
    name: `a log with a key of kind ${kind}`,
    story: `The log signs with a key of kind ${kind}.`,
    stage: async (world) => {
      const keys = newLogKeys[kind]();
      world.log.addShard(keys);
      await trustToo(world, keys);
      return world.logChart();
    },
  })),
  {
    name: 'a tree of one leaf',
    story: 'The entry is all that there is in its tree.',
    stage: (world) => {
      world.log.addShard();
      world.later = 0;
      return world.logChart();
    },
  },
  {
    name: 'the last leaf',
    story: 'The entry is the last one of its tree, and stands alone on the right.',
    stage: (world) => {
      world.log.fill(1);
      world.later = 0;
      return world.logChart();
    },
  },
  {
    name: 'an older shard',
    story: 'The entry is in a tree that grows no more.',
    stage: (world) => {
      const leaf = world.logChart();
      world.log.addShard();
      return leaf;
    },
  },
  {
    name: 'two shards',
    story:
      'The same leaf was logged again in a later tree; the log answers both, and the earlier one counts.',
    stage: (world) => {
      const leaf = world.logChart();
      world.log.addShard();
      world.logChart(LOGGED + DAY);
      return leaf;
    },
  },
  {
    name: 'two shards, the earlier one in the later tree',
    story: 'The same leaf is in two trees, and the earlier time is in the later one.',
    stage: (world) => {
      world.logChart(LOGGED + DAY);
      world.log.addShard();
      return world.logChart();
    },
  },
  {
    name: 'a shard of an unknown key',
    story: 'The same leaf is also in a tree whose key the user was never told, with an earlier time.',
    stage: (world) => {
      const leaf = world.logChart();
      world.log.addShard(newLogKeys['P-256']());
      world.logChart(LOGGED - 60);
      return leaf;
    },
  },
  {
    name: 'a shard with a key of its own',
    story: 'The entry is in a later tree, whose key the user was told as well.',
    stage: async (world) => {
      const keys = newLogKeys['P-256']();
      world.log.addShard(keys);
      world.log.fill(3);
      await trustToo(world, keys);
      return world.logChart();
    },
  },
  {
    name: 'a rotated key',
    story: 'The trusted root names the key that signed with its end, and the one that came after it.',
    stage: async (world) => {
      const { log, server } = world;
      const root = trustedRoot([
        { url: server.url, keys: log.keys, validFor: { start: LOGGED - DAY, end: LOGGED + DAY } },
        { url: server.url, keys: newLogKeys['P-256'](), validFor: { start: LOGGED + DAY } },
      ]);
      world.user.trust = ['--trusted-root', await world.write('trusted_root.json', root)];
      return world.logChart();
    },
  },
];

async function trustToo(world: HostileWorld, keys: LogKeyPair): Promise<void> {
  world.user.trust.push('--rekor-public-key', await world.write('shard.pem', publicKeyPem({ keys })));
}
