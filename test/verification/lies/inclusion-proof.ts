import { sha256 } from '../../../src/digest.ts';
import { flipBit } from '../../support/bits.ts';
import { ReferenceTree } from '../../support/independent/tree.mjs';
import type { Proof } from '../../support/statement.ts';
import { type HostileWorld, LOGGED } from '../../support/world/hostile-world.ts';
import { saying, type Forgery, type Row } from '../row.ts';

/** The log signed promise and checkpoint; only the path between the entry and the root is false. */
const rows: readonly Row[] = [
  {
    name: 'a flipped bit',
    story: 'One bit of one hash of the path is another.',
    stage: proving(({ hashes }) => ({
      hashes: hashes.map((hash, at) => (at === 1 ? flipBit(hash, 100) : hash)),
    })),
  },
  {
    name: 'one hash too many',
    story: 'The path has one more hash, beyond the root.',
    stage: proving(({ hashes, rootHash }) => ({ hashes: [...hashes, rootHash] })),
  },
  {
    name: 'one hash too few',
    story: 'The path ends one hash before the root.',
    stage: proving(({ hashes }) => ({ hashes: hashes.slice(0, -1) })),
  },
  {
    name: 'no path',
    story: 'The proof has no hashes at all, as if the tree were this one entry.',
    stage: proving(() => ({ hashes: [] })),
  },
  {
    name: 'a path backwards',
    story: 'The hashes of the path come in the reverse order.',
    stage: proving(({ hashes }) => ({ hashes: hashes.toReversed() })),
  },
  {
    name: 'the path of another entry',
    story: 'Index and path are those of another entry of the tree.',
    stage: proving((_, { log }) => log.truth(log.leaf(0)).proof),
  },
  {
    name: 'the path of another entry at this index',
    story: 'The path is that of another entry, the index is the true one.',
    stage: proving((_, { log }) => ({ hashes: log.truth(log.leaf(0)).proof.hashes })),
  },
  {
    name: 'another index in the tree',
    story: "The path is the true one, for the index of the entry's neighbour.",
    stage: proving(({ logIndex }) => ({ logIndex: logIndex - 1 })),
  },
  {
    name: 'a path of an earlier tree',
    story: 'The path is a true one for the tree as it was when the entry had just been logged.',
    stage: saying(({ proof }, { log }) => {
      const { hashes } = log.truth(log.leaf(proof.logIndex), proof.logIndex + 1).proof;
      return { proof: { ...proof, hashes } };
    }),
  },
  {
    name: 'an index behind the end',
    story: 'The entry is said to stand behind the last leaf of the tree.',
    stage: saying(({ proof, logIndex }) => ({
      logIndex: logIndex + proof.treeSize,
      proof: { ...proof, logIndex: proof.treeSize },
    })),
  },
  {
    name: 'a promise that was not kept',
    story: 'The log promises the entry and never puts it into its tree.',
    stage: (world) => {
      const { log } = world;
      const kept = log.append(Buffer.from('{"kind":"rekord"}'), { integratedTime: LOGGED, indexed: false });
      log.answerInstead(world.predicted, kept);
      log.beforeSigning = (said) => ({
        ...said,
        body: world.body(),
        uuid: said.uuid.slice(0, 16) + world.predicted,
      });
    },
  },
  {
    name: 'leaves without their prefix',
    story:
      'The tree of the log holds the plain digest of the entry, so that an inner node could pass for a leaf.',
    stage: saying((said, { log }) => {
      const { body, proof, checkpoint } = said;
      const tree = new ReferenceTree();
      for (let i = 0; i < proof.treeSize; i++)
        tree.append(i === proof.logIndex ? sha256(body) : log.treeOf(said).leaf(i));
      const rootHash = tree.root(proof.treeSize);
      const hashes = tree.inclusionProof(proof.logIndex, proof.treeSize);
      return { proof: { ...proof, rootHash, hashes }, checkpoint: { ...checkpoint, rootHash } };
    }),
  },
];

export const inclusionProofForgeries = rows.map((row): Forgery => ({
  ...row,
  caughtBy: 'inclusion-proof',
  status: 10,
}));

/** The chart's entry is logged, and another proof given for it. */
function proving(change: (proof: Proof, world: HostileWorld) => Partial<Proof>): Row['stage'] {
  return saying(({ proof }, world) => {
    const { hashes = proof.hashes, logIndex = proof.logIndex } = change(proof, world);
    return { proof: { ...proof, hashes, logIndex } };
  });
}
