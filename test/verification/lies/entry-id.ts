import { encodeBase64, encodeHex, encodeUtf8 } from '../../../src/encoding.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { originOf } from '../../support/hostile-log.ts';
import { entryIdOf } from '../../support/independent/note.mjs';
import { leafHash } from '../../support/independent/tree.mjs';
import { type HostileWorld, LOGGED, signerWith } from '../../support/world/hostile-world.ts';
import { saying, type Forgery, type Row } from '../row.ts';

const OTHER_TREE = '1193050959916656506';

/** Entries under a false name: UUID, tree and index do not fit together. */
const rows: readonly Row[] = [
  {
    name: 'another tree',
    story: 'The UUID names another tree than the one whose checkpoint proves the entry.',
    stage: saying(({ uuid }) => ({ uuid: entryIdOf(uuid.slice(16), OTHER_TREE) })),
  },
  {
    name: 'a checkpoint of another tree',
    story: 'The true key signs the checkpoint under the name of another tree.',
    stage: saying(({ checkpoint }) => ({ checkpoint: { ...checkpoint, origin: originOf(OTHER_TREE) } })),
  },
  {
    name: 'a checkpoint of no tree',
    story: 'The true key signs a checkpoint whose origin names no tree.',
    stage: saying(({ checkpoint }) => ({ checkpoint: { ...checkpoint, origin: 'log.test' } })),
  },
  {
    name: 'a re-serialised body',
    story: 'The body is written with other white space, logged so, and answered under the UUID of the first.',
    stage: (world) => {
      const body = JSON.stringify(JSON.parse(Buffer.from(world.body()).toString()), null, 1);
      world.logInstead(encodeUtf8(body));
      world.log.beforeSigning = (said) => ({
        ...said,
        uuid: entryIdOf(world.predicted, world.log.active.treeId),
      });
    },
  },
  {
    name: 'an entry that was not asked for',
    story: 'The log answers another entry of the same provenance than the one that was asked for.',
    stage: async (world) => {
      const { certificate } = await signerWith({}, 'stranger');
      const certificateBytes = Buffer.concat([world.minimised(), certificate]);
      const body = world.body({ certificateBytes });
      world.log.answerInstead(
        world.predicted,
        world.log.append(body, { integratedTime: LOGGED, indexed: false }),
      );
    },
  },
  {
    name: 'an index below the local one',
    story: 'The index over all trees is smaller than the index in the one tree.',
    stage: saying(({ proof }) => ({ logIndex: proof.logIndex - 1 })),
  },
  {
    name: 'the leaf hash of another entry',
    story: 'The entry is answered under the UUID of another entry of the same tree.',
    stage: saying((_, { log }) => ({ uuid: log.leaf(0).uuid })),
  },
  {
    name: 'a leaf hash over the text of the body',
    story: 'The UUID is made of the base64 text of the body and not of its bytes.',
    stage: saying(({ body }, { log }) => ({
      uuid: entryIdOf(encodeHex(leafHash(encodeUtf8(encodeBase64(body)))), log.active.treeId),
    })),
  },
  {
    name: "two entries under each other's UUIDs",
    story: 'The index finds the entry and one of a stranger; each is answered under the UUID of the other.',
    stage: async (world) => {
      await logBesideOthers(world, 1);
    },
  },
  {
    name: "three entries under each other's UUIDs",
    story: 'The index finds the entry and two of others; each is answered under the UUID of the next.',
    stage: async (world) => {
      await logBesideOthers(world, 2);
    },
  },
  {
    name: "three entries under each other's UUIDs, the other way",
    story: 'The same, each under the UUID of the one before.',
    stage: async (world) => {
      await logBesideOthers(world, 2, -1);
    },
  },
  {
    name: "both forms under each other's UUIDs",
    story:
      'The chart was logged in both forms that are predicted; each is answered under the UUID of the other.',
    publisher: { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] },
    stage: (world) => {
      world.logChart();
      const certificateBytes = serializeCertificate(world.certificate);
      world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
      world.log.retrieved = turned(1);
    },
  },
  {
    name: "two trees under each other's UUIDs",
    story: 'The chart is in two trees; each entry is answered under the UUID of the other.',
    stage: (world) => {
      world.logChart();
      world.log.addShard();
      world.log.fill(3);
      world.logChart();
      world.log.retrieved = turned(1);
    },
  },
];

/** Logs the chart where only the index finds it, and entries of others; answers are given out by one place too far. */
async function logBesideOthers(world: HostileWorld, others: number, by = 1): Promise<void> {
  const { log } = world;
  const { certificate } = await signerWith({}, 'stranger');
  for (let number = 0; number < others; number++) {
    const signatureBytes = Buffer.concat([world.provenance.signatureBytes, encodeUtf8(`${number}`)]);
    log.append(world.body({ signatureBytes, certificateBytes: certificate }), { integratedTime: LOGGED });
  }
  const certificateBytes = Buffer.concat([world.minimised(), certificate]);
  log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
  log.retrieved = turned(by);
}

/** Gives each answer of a list to the UUID that stands so many places further. */
function turned(by: number) {
  return (elements: Record<string, unknown>[]): Record<string, unknown>[] => {
    const uuids = elements.flatMap((element) => Object.keys(element));
    const answers = elements.flatMap((element) => Object.values(element));
    return answers.map((answer, at) => ({ [uuids.at((at + by) % uuids.length) ?? '']: answer }));
  };
}

export const entryIdForgeries = rows.map((row): Forgery => ({ ...row, caughtBy: 'entry-id', status: 10 }));
