import { publicKeyPem } from '../../support/hostile-api.ts';
import { newLogKeys, type LogKeyPair } from '../../support/log-keys.ts';
import { DAY } from '../../support/signer.ts';
import { trustedRoot } from '../../support/trusted-root.ts';
import type { Variation } from '../row.ts';
import { LOGGED, type Scene } from '../scene.ts';

/** Trees and keys that logs have. */
export const honestTrees: readonly Variation[] = [
  ...(['P-384', 'Ed25519', 'RSA-2048'] as const).map((kind): Variation => ({
    name: `a log with a key of kind ${kind}`,
    story: `The log signs with a key of kind ${kind}.`,
    stage: async (scene) => {
      const keys = newLogKeys[kind]();
      scene.log.addShard(keys);
      await trustToo(scene, keys);
      return scene.logChart();
    },
  })),
  {
    name: 'a tree of one leaf',
    story: 'The entry is all that there is in its tree.',
    stage: (scene) => {
      scene.log.addShard();
      scene.later = 0;
      return scene.logChart();
    },
  },
  {
    name: 'the last leaf',
    story: 'The entry is the last one of its tree, and stands alone on the right.',
    stage: (scene) => {
      scene.log.fill(1);
      scene.later = 0;
      return scene.logChart();
    },
  },
  {
    name: 'an older shard',
    story: 'The entry is in a tree that grows no more.',
    stage: (scene) => {
      const leaf = scene.logChart();
      scene.log.addShard();
      return leaf;
    },
  },
  {
    name: 'two shards',
    story:
      'The same leaf was logged again in a later tree; the log answers both, and the earlier one counts.',
    stage: (scene) => {
      const leaf = scene.logChart();
      scene.log.addShard();
      scene.logChart(LOGGED + DAY);
      return leaf;
    },
  },
  {
    name: 'two shards, the earlier one in the later tree',
    story: 'The same leaf is in two trees, and the earlier time is in the later one.',
    stage: (scene) => {
      scene.logChart(LOGGED + DAY);
      scene.log.addShard();
      return scene.logChart();
    },
  },
  {
    name: 'a shard of an unknown key',
    story: 'The same leaf is also in a tree whose key the user was never told, with an earlier time.',
    stage: (scene) => {
      const leaf = scene.logChart();
      scene.log.addShard(newLogKeys['P-256']());
      scene.logChart(LOGGED - 60);
      return leaf;
    },
  },
  {
    name: 'a shard with a key of its own',
    story: 'The entry is in a later tree, whose key the user was told as well.',
    stage: async (scene) => {
      const keys = newLogKeys['P-256']();
      scene.log.addShard(keys);
      scene.log.fill(3);
      await trustToo(scene, keys);
      return scene.logChart();
    },
  },
  {
    name: 'a rotated key',
    story: 'The trusted root names the key that signed with its end, and the one that came after it.',
    stage: async (scene) => {
      const { log, server } = scene;
      const root = trustedRoot([
        { url: server.url, keys: log.keys, validFor: { start: LOGGED - DAY, end: LOGGED + DAY } },
        { url: server.url, keys: newLogKeys['P-256'](), validFor: { start: LOGGED + DAY } },
      ]);
      scene.trust = ['--trusted-root', await scene.write('trusted_root.json', root)];
      return scene.logChart();
    },
  },
];

async function trustToo(scene: Scene, keys: LogKeyPair): Promise<void> {
  scene.trust.push('--rekor-public-key', await scene.write('shard.pem', publicKeyPem({ keys })));
}
