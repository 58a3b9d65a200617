import fc from 'fast-check';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { formatEntryId } from '../../src/rekor/entry-id.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';

/** The members of an evidence file, to be altered. */
export interface EvidenceMembers {
  mediaType: unknown;
  log: unknown;
  entries: Record<string, unknown>[];
}

const HASH = Buffer.alloc(32, 7).toString('base64');

/** The members of an evidence file that is as it should be; nothing in it holds. */
export function evidenceMembers(): EvidenceMembers {
  return {
    mediaType: 'application/vnd.helm-sigstore.evidence.v1+json',
    log: 'https://rekor.example.com',
    entries: [
      {
        logIndex: '30',
        logId: { keyId: HASH },
        kindVersion: { kind: 'helm', version: '0.0.1' },
        integratedTime: '1795323413',
        inclusionPromise: { signedEntryTimestamp: 'AAAA' },
        inclusionProof: {
          logIndex: '3',
          rootHash: HASH,
          treeSize: '4',
          hashes: [HASH, HASH],
          checkpoint: { envelope: `rekor.local - 1\n4\n${HASH}\n\n— rekor.local AAAAAAAA\n` },
        },
        canonicalizedBody: 'e30=',
      },
    ],
  };
}

/** The bytes of the file with these members. */
export function fileOf(members: unknown): Uint8Array {
  return encodeUtf8(JSON.stringify(members));
}

/** The file in which one member, named by its path, has another value; `undefined` takes it away. */
export function fileWith(path: string, value: unknown): Uint8Array {
  const members = evidenceMembers();
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>(
    (object, name) => object[name] as Record<string, unknown>,
    members as unknown as Record<string, unknown>,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return fileOf(members);
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const count = fc.oneof(fc.nat(9), fc.maxSafeNat());
const treeId = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);

/** Any entry that a log may show, named as its bytes are. */
export const loggedEntries: fc.Arbitrary<LoggedEntry> = fc
  .record({
    body: fc.uint8Array({ maxLength: 200 }),
    logId: hash.map(encodeHex),
    index: count,
    size: count,
    rootHash: hash,
    hashes: fc.array(hash, { maxLength: 64 }),
    treeId: fc.option(treeId, { nil: undefined }),
    note: fc.string({ unit: 'binary', maxLength: 100 }),
    integratedTime: count,
    logIndex: count,
    signature: fc.uint8Array({ maxLength: 100 }),
  })
  .map(({ body, logId, index, size, rootHash, hashes, treeId, note, ...time }) => {
    const root = Buffer.from(rootHash).toString('base64');
    const checkpoint =
      treeId === undefined ? note : `rekor - ${treeId}\n${size}\n${root}\n\n— rekor AAAAAAAA\n`;
    const id = formatEntryId(encodeHex(leafHash(body)), treeId);
    return { id, body, logId, proof: { index, size, rootHash, hashes, checkpoint }, time };
  });
