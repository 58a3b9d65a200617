import { sha256Hex } from '../../../src/digest.ts';
import { encodeBase64, encodeUtf8 } from '../../../src/encoding.ts';
import { formatEntryId } from '../../../src/rekor/entry-id.ts';
import { originOf } from '../../support/hostile-log.ts';
import { saying, type Forgery, type Row } from '../row.ts';
import { LOGGED, signerWith } from '../scene.ts';

const OTHER_TREE = '1193050959916656506';

/** Entries under a false name: UUID, tree and index do not fit together. */
const rows: readonly Row[] = [
  {
    name: 'another tree',
    story: 'The UUID names another tree than the one whose checkpoint proves the entry.',
    stage: saying(({ uuid }) => ({ uuid: formatEntryId(uuid.slice(16), OTHER_TREE).text })),
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
    stage: (scene) => {
      const body = JSON.stringify(JSON.parse(Buffer.from(scene.body()).toString()), null, 1);
      scene.logInstead(encodeUtf8(body));
      scene.log.beforeSigning = (said) => ({
        ...said,
        uuid: formatEntryId(scene.predicted, scene.log.active.treeId).text,
      });
    },
  },
  {
    name: 'an entry that was not asked for',
    story: 'The log answers another entry of the same provenance than the one that was asked for.',
    stage: async (scene) => {
      const { certificate } = await signerWith({}, 'stranger');
      const certificateBytes = Buffer.concat([scene.minimised(), certificate]);
      const body = scene.body({ certificateBytes });
      scene.log.answerInstead(
        scene.predicted,
        scene.log.append(body, { integratedTime: LOGGED, indexed: false }),
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
      uuid: formatEntryId(sha256Hex(Uint8Array.of(0), encodeUtf8(encodeBase64(body))), log.active.treeId)
        .text,
    })),
  },
];

export const entryIdForgeries = rows.map((row): Forgery => ({ ...row, caughtBy: 'entry-id', status: 10 }));
