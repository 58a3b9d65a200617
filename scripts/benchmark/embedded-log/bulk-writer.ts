// Makes a log of many entries with the parts of the real store, without a journal that each batch waits for: what
// `log serve` would have written of them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '../../../src/encoding.ts';
import { filesOfFullTile } from '../../../src/embedded-log/tiles/full-tiles.ts';
import { indexRecord, leafKey, searchKey } from '../../../src/embedded-log/index/index-record.ts';
import { keepPublicKey, openKey } from '../../../src/embedded-log/key-file.ts';
import { writeJournal } from '../../../src/embedded-log/journal/new-journal.ts';
import { newOrigin, signHead } from '../../../src/embedded-log/log/origin.ts';
import { withPromise } from '../../../src/embedded-log/log/promise.ts';
import { StoredIndex } from '../../../src/embedded-log/index/stored-index.ts';
import { TileFiles } from '../../../src/embedded-log/tiles/tile-files.ts';
import { MerkleTree } from '../../../src/embedded-log/tree.ts';
import { leafHash } from '../../../src/tlog/merkle.ts';

const TIME = 1_700_000_000;
const TILE = 256;
const SEGMENT = 4096;
const PUBLISHERS = 50;

/** About what an entry with an Ed25519 key has, in bytes. */
const filler = 'x'.repeat(1500);

/** Makes a log of so many entries, a multiple of 256, in a new directory. */
export async function makeLog(directory: string, size: number): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files = new TileFiles(directory);
  const signer = await openKey(directory, false);
  await keepPublicKey(join(directory, 'public-key.pem'), signer);
  const origin = newOrigin();
  const tree = new MerkleTree();
  const index = await StoredIndex.make(files, origin, signer);
  let records: string[] = [];
  for (let first = 0; first < size; first += TILE) {
    const entries = Array.from({ length: TILE }, (_, at) => {
      const number = first + at;
      const publisher = number % PUBLISHERS;
      const indexKeys = [`sha256:${number}`, `key${publisher}`, `publisher${publisher}@charts.example`];
      const entry = {
        body: Buffer.from(`{"entry":${number},"rest":"${filler}"}`),
        indexKeys,
        integratedTime: TIME,
      };
      const leaf = leafHash(entry.body);
      tree.append(leaf);
      for (const key of [leafKey(encodeHex(leaf)), ...indexKeys.map(searchKey)])
        records.push(indexRecord(key, number).toString('latin1'));
      return withPromise(entry, number, signer);
    });
    await files.write(filesOfFullTile(first / TILE, entries, { tree, origin, signer }));
    tree.prune(first + TILE);
    if ((first + TILE) % SEGMENT > 0) continue;
    await index.add(first + TILE, Buffer.from(records.sort().join(''), 'latin1'));
    records = [];
  }
  index.close();
  const checkpoint = signHead({ origin, size, rootHash: tree.root(size) }, signer);
  const header = { entries: [], upgradedEntries: 0, newestTime: TIME, ...tree.edgeAt(size) };
  await writeJournal(join(directory, 'entries.jsonl'), { ...header, checkpoint }, signer);
}
