import { encodeHex, encodeUtf8 } from '../../../src/encoding.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { parseProvenance } from '../../../src/provenance/provenance.ts';
import { leafHash } from '../../../src/tlog/merkle.ts';
import type { Leaf } from '../../support/hostile-log.ts';
import { DAY, KEY_CREATED } from '../../support/signer.ts';
import { withPromise, type Variation } from '../row.ts';
import { LOGGED, signerWith, type Scene } from '../scene.ts';
import { rewritten } from './body.ts';

/** The good entry is among bad ones, or hard to get at. */
export const honestCrowds: readonly Variation[] = [
  {
    name: 'among entries of others',
    story: 'The log answers entries that were not asked for beside the one that was.',
    stage: async (scene) => {
      const others = await logOthers(scene);
      const leaf = scene.logChart();
      scene.log.answerInstead(scene.predicted, ...others, leaf, ...others);
      return leaf;
    },
  },
  {
    name: 'among entries of others in the index',
    story: 'The index finds entries of other publishers, kinds, versions and digests beside the good one.',
    stage: async (scene) => {
      await logOthers(scene);
      const leaf = logUnpredicted(scene);
      await logOthers(scene);
      return leaf;
    },
  },
  {
    name: 'among answers that nobody can read',
    story: 'Beside the good entry the log answers what is no entry at all.',
    stage: (scene) => {
      scene.log.retrieved = (elements) => [null, {}, 'entry', ...elements, { ['0'.repeat(80)]: {} }, []];
      return scene.logChart();
    },
  },
  {
    name: 'in the middle of hundreds',
    story: 'The index finds four hundred entries for the archive, and the good one is in the middle.',
    stage: (scene) => {
      logMany(scene, 200);
      const leaf = logUnpredicted(scene);
      logMany(scene, 200);
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
    stage: (scene) => {
      const leaf = logUnpredicted(scene);
      scene.log.indexed = [leaf.hash];
      return leaf;
    },
  },
  {
    name: 'named twice',
    story: 'The index names the good entry more than once.',
    stage: (scene) => {
      const leaf = logUnpredicted(scene);
      scene.log.indexed = [leaf.uuid, leaf.hash, leaf.uuid];
      return leaf;
    },
  },
  {
    name: 'forged where it was predicted',
    story:
      'Where it is predicted the entry is answered with a forged promise, and by its UUID with the true one.',
    stage: (scene) => {
      scene.log.afterSigning = (answer, asked) =>
        asked.length === 64 ? withPromise(answer, new Uint8Array(70)) : answer;
      return scene.logChart();
    },
  },
  {
    name: 'unreadable where it was predicted',
    story: 'Where it is predicted the entry is answered by rubbish, and by its UUID truly.',
    stage: (scene) => {
      scene.log.afterSigning = (answer, asked) => (asked.length === 64 ? null : answer);
      return scene.logChart();
    },
  },
  {
    name: 'logged again when the key was dead',
    story: 'Somebody logged the chart again, where it is predicted, after its key had expired.',
    publisher: { expiresAfter: LOGGED + DAY - KEY_CREATED },
    stage: (scene) => {
      const leaf = logUnpredicted(scene);
      scene.logChart(LOGGED + 2 * DAY);
      return leaf;
    },
  },
  {
    name: 'logged again later',
    story: 'The chart was logged in both forms that are predicted; the earlier one counts.',
    publisher: { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] },
    stage: (scene) => {
      scene.logChart(LOGGED + DAY);
      const certificateBytes = serializeCertificate(scene.certificate);
      return scene.log.append(scene.body({ certificateBytes }), { integratedTime: LOGGED });
    },
  },
  {
    name: 'beside an entry that is too long',
    story: 'One of two predicted entries is answered with too many megabytes, the other one is good.',
    publisher: { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] },
    stage: (scene) => {
      const body = scene.body({ certificateBytes: serializeCertificate(scene.certificate) });
      const long = scene.log.append(new Uint8Array(3.5 * 2 ** 20), { integratedTime: LOGGED });
      scene.log.answerInstead(encodeHex(leafHash(body)), long);
      return scene.logChart();
    },
  },
];

/** Logs the chart with a second certificate beside the signer's, so that only the index finds it. */
function logUnpredicted(scene: Scene, certificateBytes = scene.minimised()): Leaf {
  const twice = Buffer.concat([certificateBytes, certificateBytes]);
  return scene.log.append(scene.body({ certificateBytes: twice }), { integratedTime: LOGGED });
}

/** Logs what others may log for the same archive. */
async function logOthers(scene: Scene): Promise<Leaf[]> {
  const stranger = await signerWith({}, 'stranger');
  const provenance = parseProvenance(await stranger.sign('hello', '0.1.0', scene.chart.archive));
  const bodies = [
    scene.body({ signatureBytes: provenance.signatureBytes, certificateBytes: stranger.certificate }),
    scene.body({ certificateBytes: stranger.certificate }),
    scene.body({ sha256: '0'.repeat(64) }),
    rewritten((body) => (body.kind = 'hashedrekord'))(scene),
    rewritten((body) => (body.apiVersion = '0.0.2'))(scene),
    Uint8Array.of(0, 1, 2, 3),
  ];
  return bodies.map((body) => scene.log.append(body, { integratedTime: LOGGED - 60 }));
}

/** Logs this many entries for the archive with other signatures. */
function logMany(scene: Scene, count: number): void {
  for (let i = 0; i < count; i++) {
    const signatureBytes = Buffer.concat([scene.provenance.signatureBytes, encodeUtf8(`${i}`)]);
    scene.log.append(scene.body({ signatureBytes }), { integratedTime: LOGGED });
  }
}
