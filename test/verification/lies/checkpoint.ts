import { encodeBase64, encodeHex } from '../../../src/encoding.ts';
import { originOf } from '../../support/hostile-log.ts';
import { keyHintOf, noteOf, partsOf, type NoteParts } from '../../support/independent/note.mjs';
import { leafHash, ReferenceTree } from '../../support/independent/tree.mjs';
import { newLogKeys, type LogKeyPair } from '../../support/log-keys.ts';
import { SIGNER_NAME, signLine } from '../../support/statement.ts';
import { altering, saying, withProof, type Forgery, type Row } from '../row.ts';

const other = newLogKeys['P-256']();

/** Tree heads that the log did not sign, or signed for another tree than the one of the proof. */
const rows: readonly Row[] = [
  {
    name: 'a checkpoint by another key',
    story: 'The checkpoint is signed by another key, under the hint of that key.',
    stage: saying(({ keys }) => ({ keys: { ...keys, checkpoint: other } })),
  },
  {
    name: 'another key under the true hint',
    story: 'The checkpoint is signed by another key, under the hint of the true one.',
    stage: resigned(({ note, keys }) => [falseLine(note, keys)]),
  },
  {
    name: 'a false second signature',
    story: 'Below the true signature stands a second one under the hint of the same key, and is false.',
    stage: resigned(({ note, keys }) => [...note.signatures, falseLine(note, keys)]),
  },
  {
    name: 'a false first signature',
    story: 'Above the true signature stands another one under the hint of the same key, and is false.',
    stage: resigned(({ note, keys }) => [falseLine(note, keys), ...note.signatures]),
  },
  {
    name: 'a signature over half the text',
    story: 'The true key signs the text without the newline that ends it.',
    stage: resigned(({ note, keys }) => [signLine(note.text.trimEnd(), keys)]),
  },
  {
    name: 'another host in the origin',
    story: 'The checkpoint is renamed after it was signed, and keeps the number of the tree.',
    stage: rewritten((text) => text.replace(SIGNER_NAME, 'rekor.sigstore.dev')),
  },
  {
    name: 'another size',
    story: 'Checkpoint and proof are made to say that the tree has one leaf more, after the log had signed.',
    stage: altering((answer) => {
      const { checkpoint, treeSize } = answer.verification.inclusionProof;
      const larger = checkpoint.replace(`\n${treeSize}\n`, `\n${treeSize + 1}\n`);
      return withProof(answer, { checkpoint: larger, treeSize: treeSize + 1 });
    }),
  },
  {
    name: 'another root',
    story:
      'Checkpoint and proof get the root of a tree in which only this entry was logged, after the log had signed.',
    stage: altering((answer, world) => {
      const rootHash = leafHash(world.body());
      const { checkpoint } = answer.verification.inclusionProof;
      const lines = checkpoint.split('\n').with(2, encodeBase64(rootHash));
      return withProof(answer, { checkpoint: lines.join('\n'), rootHash: encodeHex(rootHash) });
    }),
  },
  {
    name: 'an extension line slipped in',
    story: 'A line is added to the text of the checkpoint after it was signed.',
    stage: rewritten((text) => text.replace('\n\n', '\nTimestamp: 1689177396617352539\n\n')),
  },
  {
    name: 'a checkpoint of another size',
    story: 'The proof is for the tree of now, the checkpoint is a true one from before the entry was logged.',
    stage: saying((said, { log }) => {
      const size = 5;
      return { checkpoint: { ...said.checkpoint, size, rootHash: log.treeOf(said).root(size) } };
    }),
  },
  {
    name: 'a split view',
    story: 'The log signs two trees of one size: the proof is for the one, the checkpoint shows the other.',
    stage: saying((said, { log }) => {
      const { checkpoint } = said;
      const twin = new ReferenceTree();
      for (let i = 0; i < checkpoint.size; i++) twin.append(log.treeOf(said).leaf(checkpoint.size - 1 - i));
      return { checkpoint: { ...checkpoint, rootHash: twin.root() } };
    }),
  },
  {
    name: 'a root hash beside the signed one',
    story: 'The proof names another root than its signed checkpoint, and leads to that one.',
    stage: altering((answer, world) =>
      withProof(answer, { hashes: [], rootHash: encodeHex(leafHash(world.body())) }),
    ),
  },
  {
    name: 'a checkpoint of a shard',
    story: 'The checkpoint is a true one of another tree of the same log, and the UUID names no tree.',
    stage: (world) => {
      const { log } = world;
      world.logChart();
      log.addShard();
      log.fill(9);
      const { tree, treeId } = log.active;
      const head = {
        origin: originOf(treeId),
        size: tree.size,
        rootHash: tree.root(tree.size),
        extensions: [],
      };
      log.beforeSigning = (said) => ({ ...said, uuid: said.uuid.slice(-64), checkpoint: head });
    },
  },
];

/** Checkpoints that are none; without one, nobody can say which tree the UUID should name. */
const malformed: readonly Row[] = [
  {
    name: 'a checkpoint without signatures',
    story: 'The text of the checkpoint stands there alone.',
    stage: rewritten((text) => text.slice(0, text.indexOf('\n\n') + 1)),
  },
  {
    name: 'a size with a sign',
    story: 'The true key signs a size that only a lenient reader takes for a number.',
    stage: resignedText((text) => text.replace(/\n([0-9]+)\n/, '\n+$1\n')),
  },
  {
    name: 'a carriage return',
    story: 'The true key signs lines that end as on Windows.',
    stage: resignedText((text) => text.replaceAll('\n', '\r\n')),
  },
  {
    name: 'a root of another length',
    story: 'The true key signs a root hash of 31 bytes.',
    stage: resignedText((text) =>
      text
        .split('\n')
        .with(2, encodeBase64(new Uint8Array(31)))
        .join('\n'),
    ),
  },
  {
    name: 'a checkpoint without a word',
    story: 'The checkpoint is an empty string.',
    stage: rewritten(() => ''),
  },
];

export const checkpointForgeries: readonly Forgery[] = [
  ...rows.map((row): Forgery => ({ ...row, caughtBy: 'checkpoint', status: 10 })),
  ...malformed.map((row): Forgery => ({
    ...row,
    caughtBy: 'checkpoint',
    status: 10,
    also: { 'entry-id': 'depends on checkpoint' },
  })),
];

/** The text of the checkpoint is changed after it was signed. */
function rewritten(change: (text: string) => string): Row['stage'] {
  return altering((answer) => {
    const { checkpoint } = answer.verification.inclusionProof;
    return withProof(answer, { checkpoint: change(checkpoint) });
  });
}

/** The checkpoint gets other signature lines. */
function resigned(
  lines: (signed: { note: NoteParts; keys: LogKeyPair }) => NoteParts['signatures'],
): Row['stage'] {
  return altering((answer, { log: { keys } }) => {
    const note = partsOf(answer.verification.inclusionProof.checkpoint);
    return withProof(answer, { checkpoint: noteOf(note.text, lines({ note, keys })) });
  });
}

/** Another text of the checkpoint is signed by the true key. */
function resignedText(change: (text: string) => string): Row['stage'] {
  return altering((answer, { log: { keys } }) => {
    const text = change(partsOf(answer.verification.inclusionProof.checkpoint).text);
    return withProof(answer, { checkpoint: noteOf(text, [signLine(text, keys)]) });
  });
}

/** What another key signed, under the hint of this one. */
function falseLine({ text }: NoteParts, { key }: LogKeyPair): NoteParts['signatures'][number] {
  return { ...signLine(text, other), keyHint: keyHintOf(key.publicKey) };
}
