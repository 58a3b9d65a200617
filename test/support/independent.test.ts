import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bodyOfProposal, helmBody } from './independent/helm-body.mjs';
import { entryIdOf, keyHintOf, logIdOf, noteOf, partsOf, promiseText } from './independent/note.mjs';
import { consistencyHolds, inclusionHolds } from './independent/proof.mjs';
import { leafHash } from './independent/tree.mjs';
import { entriesOf, exchange, exchanges, predictedUploads, recordedFile } from './recorded.ts';
import { readVectorJson, vectors } from './vectors.ts';

interface MerkleCase {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly leafHash: string;
  readonly root: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

/** Uploads of keys from which a Rekor leaves nothing out, and which it does not put in another order. */
const KEPT = [
  'rsa',
  'ed25519',
  'p256',
  'signing-subkey',
  'expired-now',
  'two-uids-minimised',
  'two-signatures',
  'renewed-minimised',
  'upper-case-digest',
];

// What the tests of forgeries are built with is right on its own, or they would show nothing.
describe.skipIf(!vectors)('the log of the tests and others (needs the vectors)', () => {
  it.each(predictedUploads())('$chart: the body and the leaf are those of a real Rekor', (upload) => {
    const provenance = recordedFile('charts', `${upload.chart}.prov`);
    const certificate = Buffer.from(upload.minimisedCertificate, 'base64');
    const body = bodyOfProposal(proposal(provenance, certificate));
    expect(Buffer.from(body).toString('base64')).toBe(upload.canonicalBody);
    expect(entryIdOf(hex(leafHash(body)), treeIdIn(upload.uuid))).toBe(upload.uuid);
  });

  it.each(KEPT)('create-201-%s: the body is the one that a real Rekor stored', (name) => {
    const recorded = exchange('catalogue', `create-201-${name}`);
    const [stored] = entriesOf(recorded);
    const sent = JSON.parse(recorded.request.body ?? '') as Parameters<typeof bodyOfProposal>[0];
    expect(bodyOfProposal(sent)).toEqual(bytes(stored?.body ?? ''));
  });

  it('the promises, checkpoints and proofs of real Rekors are spelled in the same way', () => {
    const keys = ['log.pub.pem', 'log2.pub.pem'].map((file) =>
      createPublicKey(Buffer.from(recordedFile(file))),
    );
    const entries = exchanges('exchanges')
      .filter(({ response }) => response.status < 300 && response.body.includes('"signedEntryTimestamp"'))
      .flatMap(entriesOf);
    expect(entries.length).toBeGreaterThan(10);
    for (const { logID: logId, verification, ...entry } of entries) {
      const key = keys.find((each) => logIdOf(each) === logId);
      if (key === undefined) throw new Error(`no key for the log ID ${logId}`);
      const promise = promiseText({ ...entry, body: bytes(entry.body), logId });
      expect(verify('sha256', Buffer.from(promise), key, bytes(verification.signedEntryTimestamp))).toBe(
        true,
      );

      const { checkpoint, hashes, rootHash, logIndex: index, treeSize: size } = verification.inclusionProof;
      const { text, signatures } = partsOf(checkpoint);
      expect(noteOf(text, signatures)).toBe(checkpoint);
      expect(signatures.map(({ keyHint }) => hex(keyHint))).toEqual([hex(keyHintOf(key))]);
      const [root, ...proof] = [rootHash, ...hashes].map((hash) => Buffer.from(hash, 'hex'));
      const leaf = leafHash(bytes(entry.body));
      expect(inclusionHolds({ index, size, leaf, proof, root: root ?? leaf })).toBe(true);
    }
  });

  it('the proofs of the Merkle vectors of others are judged as their authors do', () => {
    for (const { leafIdx: index, treeSize: size, ...row } of merkleCases('inclusion')) {
      const claim = { index, size, leaf: bytes(row.leafHash), proof: proofOf(row), root: bytes(row.root) };
      expect(inclusionHolds(claim)).toBe(!row.wantErr);
    }
    for (const { size1, size2, ...row } of merkleCases('consistency')) {
      const claim = { size1, size2, root1: bytes(row.root1), root2: bytes(row.root2), proof: proofOf(row) };
      expect(consistencyHolds(claim)).toBe(!row.wantErr);
    }
  });
});

describe('the helm bodies of the tests', () => {
  it('are the same from their parts as from what was sent, whatever headers its packets have', () => {
    const signatureBytes = Buffer.from([0xc2, 3, 4, 1, 1]);
    const certificateBytes = Buffer.from([0xc6, 3, 4, 0, 0, 0xcd, 1, 65]);
    const sent = Buffer.from([0x99, 0, 3, 4, 0, 0, 0xcd, 0xff, 0, 0, 0, 1, 65]);
    const provenance = `files:\n  a-1.tgz: sha256:${'ab'.repeat(32)}\n-----BEGIN PGP SIGNATURE-----\n\nwgMEAQE=\n-----END PGP SIGNATURE-----\n`;
    expect(bodyOfProposal(proposal(Buffer.from(provenance), sent))).toEqual(
      helmBody({ sha256: 'ab'.repeat(32), signatureBytes, certificateBytes }),
    );
  });
});

function proposal(provenance: Uint8Array, certificate: Uint8Array): Parameters<typeof bodyOfProposal>[0] {
  const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${Buffer.from(certificate).toString('base64')}\n-----END PGP PUBLIC KEY BLOCK-----`;
  return {
    spec: {
      publicKey: { content: Buffer.from(key).toString('base64') },
      chart: { provenance: { content: Buffer.from(provenance).toString('base64') } },
    },
  };
}

function treeIdIn(uuid: string): string {
  return BigInt(`0x${uuid.slice(0, 16)}`).toString();
}

function merkleCases(file: string): readonly MerkleCase[] {
  return readVectorJson('merkle', `${file}.json`) as MerkleCase[];
}

function proofOf({ proof }: Pick<MerkleCase, 'proof'>): Uint8Array[] {
  return (proof ?? []).map(bytes);
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}
