import { describe, expect, it } from 'vitest';
import { decodeBase64, decodeHex, encodeHex } from '../../src/encoding.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../src/tlog/checkpoint.ts';
import { verifyInclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { logKeyFromPem, logKeyFromSpki, type LogKey } from '../../src/tlog/log-key.ts';
import { leafHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import {
  entriesOf,
  exchange,
  exchanges,
  recordedFile,
  type Exchange,
  type RecordedEntry,
} from '../support/recorded.ts';
import { readVectorJson, vectors } from '../support/vectors.ts';

/** How production bundles spell an entry: numbers are strings, bytes are base64. */
interface BundleEntry {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly integratedTime: string;
  readonly inclusionPromise: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

const hex = (base64: string): string => encodeHex(decodeBase64(base64));
const logKeys = vectors === undefined ? [] : recordedLogKeys();
const withEntries = [...exchanges('exchanges'), ...exchanges('shards'), ...exchanges('catalogue')].filter(
  answersEntries,
);

describe.skipIf(!vectors)('recorded answers of a real Rekor (needs the vectors)', () => {
  it('the logs of the recordings have keys of four kinds', () => {
    const kinds = logKeys.map(
      ({ publicKey }) => publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType,
    );
    expect(new Set(kinds)).toEqual(new Set(['prime256v1', 'secp384r1', 'ed25519', 'rsa']));
  });

  it('more than sixty of them answer with entries', () => {
    expect(withEntries.length).toBeGreaterThan(60);
  });

  it.each(withEntries)('every entry of $name is proven', (recorded) => {
    for (const entry of entriesOf(recorded)) expectProven(entry, keyNamed(entry.logID));
  });

  it.each(['log', 'log-empty', 'log-stable', 'shards-log', 'signer-ed25519-log', 'signer-rsa-log'])(
    'the checkpoint of catalogue/%s is signed by one of the keys',
    (name) => {
      const { signedTreeHead } = JSON.parse(exchange('catalogue', name).response.body) as {
        signedTreeHead: string;
      };
      const checkpoint = parseCheckpoint(signedTreeHead);
      expect(logKeys.filter((key) => verifyCheckpointSignature(checkpoint, key))).toHaveLength(1);
    },
  );

  it('the recorded consistency proof leads from the third size to the eighth', () => {
    const { hashes, rootHash } = JSON.parse(exchange('exchanges', 'proof-good').response.body) as {
      hashes: string[];
      rootHash: string;
    };
    const third = exchanges('exchanges').filter(answersEntries).flatMap(entriesOf).find(treeOfThree);
    const root3 = decodeHex(third?.verification.inclusionProof.rootHash ?? '');
    const root8 = decodeHex(rootHash);
    expect(verifyConsistency(3, 8, root3, root8, hashes.map(decodeHex))).toBe(true);
    expect(verifyConsistency(3, 8, root8, root8, hashes.map(decodeHex))).toBe(false);
  });
});

describe.skipIf(!vectors)('bundles of the public log (needs the vectors)', () => {
  it.each(['v0.1', 'v0.2', 'v0.3'])(
    'the entry of bundle %s is proven under the key of the trusted root',
    (version) => {
      const bundle = readVectorJson('rekor', 'production', `happy-path-${version}.sigstore.json`) as {
        verificationMaterial: { tlogEntries: BundleEntry[] };
      };
      expect(bundle.verificationMaterial.tlogEntries).toHaveLength(1);
      for (const entry of bundle.verificationMaterial.tlogEntries) {
        const key = publicGoodKeys().find(({ logId }) => logId === hex(entry.logId.keyId));
        expectProven(fromBundle(entry), key);
      }
    },
  );
});

function expectProven(entry: RecordedEntry, key: LogKey | undefined): void {
  if (key === undefined) throw new Error(`no key for the log ID ${entry.logID}`);
  const { inclusionProof, signedEntryTimestamp } = entry.verification;
  const promise = { ...entry, logId: entry.logID };
  expect(verifyInclusionPromise(promise, decodeBase64(signedEntryTimestamp), key)).toBe(true);

  const checkpoint = parseCheckpoint(inclusionProof.checkpoint);
  expect(verifyCheckpointSignature(checkpoint, key)).toBe(true);
  expect(checkpoint.size).toBe(inclusionProof.treeSize);

  const leaf = leafHash(decodeBase64(entry.body));
  if (entry.uuid !== '') expect(entry.uuid.slice(-64)).toBe(encodeHex(leaf));
  const hashes = inclusionProof.hashes.map(decodeHex);
  const root = rootFromInclusionProof(inclusionProof.logIndex, inclusionProof.treeSize, leaf, hashes);
  expect(encodeHex(root)).toBe(encodeHex(checkpoint.rootHash));
}

function answersEntries({ response }: Exchange): boolean {
  return response.status < 300 && response.body.includes('"signedEntryTimestamp"');
}

function treeOfThree({ verification }: RecordedEntry): boolean {
  return verification.inclusionProof.treeSize === 3;
}

function keyNamed(logId: string): LogKey | undefined {
  return logKeys.find((key) => key.logId === logId);
}

function recordedLogKeys(): LogKey[] {
  const files = [
    ['log.pub.pem'],
    ['log2.pub.pem'],
    ...['log', 'shards-first-p256', 'shards-second-p384', 'signer-ed25519', 'signer-rsa2048'].map((name) => [
      'catalogue',
      'logs',
      `${name}.pem`,
    ]),
  ];
  return files.map((path) => logKeyFromPem(Buffer.from(recordedFile(...path)).toString('utf8')));
}

function publicGoodKeys(): LogKey[] {
  const root = readVectorJson('..', 'trust', 'public-good-trusted_root.json') as {
    tlogs: { publicKey: { rawBytes: string } }[];
  };
  return root.tlogs.map(({ publicKey }) => logKeyFromSpki(decodeBase64(publicKey.rawBytes)));
}

function fromBundle({ inclusionProof: proof, ...entry }: BundleEntry): RecordedEntry {
  return {
    uuid: '',
    body: entry.canonicalizedBody,
    integratedTime: Number(entry.integratedTime),
    logID: hex(entry.logId.keyId),
    logIndex: Number(entry.logIndex),
    verification: {
      inclusionProof: {
        checkpoint: proof.checkpoint.envelope,
        hashes: proof.hashes.map(hex),
        logIndex: Number(proof.logIndex),
        rootHash: hex(proof.rootHash),
        treeSize: Number(proof.treeSize),
      },
      signedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
    },
  };
}
