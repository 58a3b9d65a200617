import { encodeHex, encodeUtf8 } from '../../../src/encoding.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { parseProvenance } from '../../../src/provenance/provenance.ts';
import type { Leaf } from '../../support/hostile-log.ts';
import { leafHash } from '../../support/independent/tree.mjs';
import { DAY, KEY_CREATED } from '../../support/signer.ts';
import { type HostileWorld, LOGGED, signerWith } from '../../support/world/hostile-world.ts';
import { withPromise, type Variation } from '../row.ts';
import { rewritten } from './body.ts';

/** The good entry is among bad ones, or hard to get at. */
export const honestCrowds: readonly Variation[] = [
  {
    name: 'among entries of others',
    story: 'The log answers entries that were not asked for beside the one that was.',
    stage: async (world) => {
      const others = await logOthers(world);
      const leaf = world.logChart();
      world.log.answerInstead(world.predicted, ...others, leaf, ...others);
      return leaf;
    },
  },
  {
    name: 'among entries of others in the index',
    story: 'The index finds entries of other publishers, kinds, versions and digests beside the good one.',
    stage: async (world) => {
      await logOthers(world);
      const leaf = logUnpredicted(world);
      await logOthers(world);
      return leaf;
    },
  },
  {
    name: 'among answers that nobody can read',
    story: 'Beside the good entry the log answers what is no entry at all.',
    stage: (world) => {
      world.log.retrieved = (elements) => [null, {}, 'entry', ...elements, { ['0'.repeat(80)]: {} }, []];
      return world.logChart();
    },
  },
  {
    name: 'in the middle of hundreds',
    story: 'The index finds four hundred entries for the archive, and the good one is in the middle.',
    stage: (world) => {
      logMany(world, 200);
      const leaf = logUnpredicted(world);
      logMany(world, 200);
      return leaf;
    },
  },
  {
    name: 'not where it was predicted',
    story: 'The entry holds more than one certificate, and only the index can find it.',
    stage: logUnpredicted,
  },
  {
    name: 'found under its bare leaf hash',
    story: 'The index names the entry by its leaf hash, as older servers do.',
    stage: (world) => {
      const leaf = logUnpredicted(world);
      world.log.indexed = [leaf.hash];
      return leaf;
    },
  },
  {
    name: 'named twice',
    story: 'The index names the good entry more than once.',
    stage: (world) => {
      const leaf = logUnpredicted(world);
      world.log.indexed = [leaf.uuid, leaf.hash, leaf.uuid];
      return leaf;
    },
  },
  {
    name: 'forged where it was predicted',
    story:
      'Where it is predicted the entry is answered with a forged promise, and by its UUID with the true one.',
    stage: (world) => {
      world.log.afterSigning = (answer, asked) =>
        asked.length === 64 ? withPromise(answer, new Uint8Array(70)) : answer;
      return world.logChart();
    },
  },
  {
    name: 'unreadable where it was predicted',
    story: 'Where it is predicted the entry is answered by rubbish, and by its UUID truly.',
    stage: (world) => {
      world.log.afterSigning = (answer, asked) => (asked.length === 64 ? null : answer);
      return world.logChart();
    },
  },
  {
    name: 'logged again when the key was dead',
    story: 'Somebody logged the chart again, where it is predicted, after its key had expired.',
    publisher: { expiresAfter: LOGGED + DAY - KEY_CREATED },
    stage: (world) => {
      const leaf = logUnpredicted(world);
      world.logChart(LOGGED + 2 * DAY);
      return leaf;
    },
  },
  {
    name: 'logged again later',
    story: 'The chart was logged in both forms that are predicted; the earlier one counts.',
    publisher: { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] },
    stage: (world) => {
      world.logChart(LOGGED + DAY);
      const certificateBytes = serializeCertificate(world.certificate);
      return world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
    },
  },
  {
    name: 'beside an entry that is too long',
    story: 'One of two predicted entries is answered with too many megabytes, the other one is good.',
    publisher: { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] },
    stage: (world) => {
      const body = world.body({ certificateBytes: serializeCertificate(world.certificate) });
      const long = world.log.append(new Uint8Array(3.5 * 2 ** 20), { integratedTime: LOGGED });
      world.log.answerInstead(encodeHex(leafHash(body)), long);
      return world.logChart();
    },
  },
];

/** Logs the chart with a second certificate beside the signer's, so that only the index finds it. */
function logUnpredicted(world: HostileWorld, certificateBytes = world.minimised()): Leaf {
  const twice = Buffer.concat([certificateBytes, certificateBytes]);
  return world.log.append(world.body({ certificateBytes: twice }), { integratedTime: LOGGED });
}

/** Logs what others may log for the same archive. */
async function logOthers(world: HostileWorld): Promise<Leaf[]> {
  const stranger = await signerWith({}, 'stranger');
  const provenance = parseProvenance(await stranger.sign('hello', '0.1.0', world.chart.archive));
  const bodies = [
    world.body({ signatureBytes: provenance.signatureBytes, certificateBytes: stranger.certificate }),
    world.body({ certificateBytes: stranger.certificate }),
    world.body({ sha256: '0'.repeat(64) }),
    rewritten((body) => (body.kind = 'hashedrekord'))(world),
    rewritten((body) => (body.apiVersion = '0.0.2'))(world),
    Uint8Array.of(0, 1, 2, 3),
  ];
  return bodies.map((body) => world.log.append(body, { integratedTime: LOGGED - 60 }));
}

/** Logs this many entries for the archive with other signatures. */
function logMany(world: HostileWorld, count: number): void {
  for (let i = 0; i < count; i++) {
    const signatureBytes = Buffer.concat([world.provenance.signatureBytes, encodeUtf8(`${i}`)]);
    world.log.append(world.body({ signatureBytes }), { integratedTime: LOGGED });
  }
}
