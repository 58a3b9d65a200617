import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { rotateLog } from '../../src/embedded-log/rotation/rotate.ts';
import { encodeHex, decodeHex } from '../../src/encoding.ts';
import { InputError } from '../../src/errors.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { leafHash, verifyConsistency } from '../../src/tlog/merkle.ts';
import { readWholeLog } from '../support/independent/tile-client.mjs';
import { newLogKeys } from '../support/log-keys.ts';
import { writeOldLog } from '../support/old-log.ts';
import { addEntries, candidate, NOW, openLog, problemsIn, rotatedLog } from '../support/rotated-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { verifierKey } from '../../src/tlog/log-key.ts';

const leafOf = (name: string): string => encodeHex(leafHash(candidate(name).body));

/** Why a rotation is refused. */
async function refusalOf(rotation: Promise<unknown>): Promise<string> {
  const error = await rotation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

describe('a rotation', () => {
  it.each([
    [1, 0],
    [1, 1],
    [0, 3],
    [256, 2],
    [3, 0, 2],
    [257, 256, 3],
  ])(
    'of trees of %i, %i, … entries keeps every entry at its log index, promised and proven',
    async (...sizes) => {
      const { directory, rotations } = await rotatedLog(...sizes);
      expect(rotations.map(({ frozen }) => frozen.size)).toEqual(sizes.slice(0, -1));
      expect(await problemsIn(directory)).toEqual([]);
      const log = await openLog(directory);
      const { trees } = log;
      expect(trees.size).toBe(sizes.reduce((sum, size) => sum + size));
      expect(trees.frozen.map(({ treeId }) => treeId)).toEqual(rotations.map(({ frozen }) => frozen.treeId));
      const ids = new Set([...trees.frozen, log].flatMap(({ treeId, key }) => [treeId, key.logId]));
      expect(ids.size).toBe(2 * sizes.length);
      let logIndex = 0;
      for (const [number, size] of sizes.entries())
        for (let index = 0; index < size; index++, logIndex++) {
          const place = trees.at(logIndex);
          if (place === undefined) throw new Error(`no entry ${logIndex}`);
          const name = `tree${number}-${index}`;
          const entry = parseLogEntry(await place.tree.entry(place.index));
          expect(Buffer.from(entry.body).toString()).toBe(`entry ${name}`);
          expect([entry.time.logIndex, entry.proof.index]).toEqual([logIndex, index]);
          expect([...trees.withLeaf(leafOf(name))]).toEqual([place]);
          expect(await trees.search([`${name}@charts.example`], 'or', 10)).toEqual([entry.id.text]);
        }
      expect(trees.at(logIndex)).toBeUndefined();
      expect(await trees.search(['all@charts.example'], 'or', Infinity)).toHaveLength(logIndex);
    },
  );

  it('starts a tree with the name, the address, and the latest time of the one before', async () => {
    const directory = await temporaryDirectory();
    const made = { name: 'log.example.com', publicUrl: 'https://log.example.com' };
    const first = await Log.open(directory, () => NOW + 100, made);
    await first.add(candidate('a'));
    await first.close();
    await rotateLog(directory);
    const second = await openLog(directory, made);
    expect(second.head.origin).toMatch(/^log\.example\.com - [0-9]+$/);
    expect(second.publicUrl).toBe(made.publicUrl);
    await second.close();
    // The clock is behind by a little: no entry is dated before those of the old tree.
    const third = await Log.open(directory, () => NOW + 70);
    await third.add(candidate('b'));
    const entry = parseLogEntry(await third.entry(0));
    expect(entry.time.integratedTime).toBe(NOW + 100);
    await third.close();
    // Far behind: no entry is taken.
    const fourth = await Log.open(directory, () => NOW);
    await expect(fourth.add(candidate('c'))).rejects.toThrow('clock');
    await fourth.close();
    expect(await problemsIn(directory)).toEqual([]);
  });

  it('leaves each tree a tiled log of its own, which a client of the specification reads and proves whole', async () => {
    const { directory, rotations } = await rotatedLog(300, 2);
    const log = await openLog(directory);
    const [old] = log.trees.frozen;
    for (const [tree, home, size] of [
      [old, join(directory, 'shards', rotations[0]?.frozen.treeId ?? ''), 300],
      [log, directory, 2],
    ] as const) {
      const read = (path: string) => readFile(join(home, path)).catch(() => undefined);
      const vkey = tree && verifierKey('helm-sigstore', tree.key);
      const whole = await readWholeLog(read, vkey ?? '');
      expect([whole.size, whole.origin]).toEqual([size, `helm-sigstore - ${tree?.treeId ?? ''}`]);
    }
  });

  it('proves that the frozen tree is the one that was seen before', async () => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'early', 10);
    const before = await openLog(directory);
    const seen = before.head;
    await before.close();
    await addEntries(directory, 'late', 10);
    await rotateLog(directory);
    const [old] = (await openLog(directory)).trees.frozen;
    if (old === undefined) throw new Error('no frozen tree');
    const proof = old.consistencyProof(10, 20).map(decodeHex);
    expect(verifyConsistency(10, 20, seen.rootHash, old.head.rootHash, proof)).toBe(true);
  });

  it('takes an entry again that is in a frozen tree, as Rekor does, and finds it in both', async () => {
    const { directory } = await rotatedLog(3, 1);
    const log = await openLog(directory);
    expect(await log.add(candidate('tree0-1'))).toEqual({ index: 1, isNew: true });
    expect(await log.add(candidate('tree0-1'))).toEqual({ index: 1, isNew: false });
    const places = [...log.trees.withLeaf(leafOf('tree0-1'))];
    expect(places.map(({ tree, index }) => [tree.treeId === log.treeId, index])).toEqual([
      [true, 1],
      [false, 1],
    ]);
  });

  it('needs no old private key, and signs nothing with it any more', async () => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'a', 300);
    await rm(join(directory, 'key.pem'));
    const { oldKeyPath } = await rotateLog(directory);
    expect(oldKeyPath).toBeUndefined();
    await addEntries(directory, 'b', 2);
    // The index of the frozen tree is lost: the key of the log signs another.
    const [tree = ''] = await readdir(join(directory, 'shards'));
    await rm(join(directory, 'shards', tree, 'index'), { recursive: true });
    const warnings: string[] = [];
    const log = await openLog(directory, { warn: (text) => warnings.push(text) });
    expect(warnings).toEqual(['the search index is made again: it is missing']);
    expect(await log.trees.search(['a-7@charts.example'], 'or', 10)).toHaveLength(1);
    await log.close();
    expect(await problemsIn(directory)).toEqual([]);
    const again = await openLog(directory);
    expect(await again.trees.search(['a-299@charts.example'], 'or', 10)).toHaveLength(1);
  });

  it('takes a key that its owner names, with its passphrase, and keeps it out of the directory', async () => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'a', 1);
    const keys = await temporaryDirectory();
    const { privateKey, key } = newLogKeys.Ed25519();
    const [keyFile, passphraseFile] = [join(keys, 'new.pem'), join(keys, 'passphrase')];
    const secret = { cipher: 'aes-256-cbc', passphrase: 'a word' } as const;
    await writeFile(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8', ...secret }));
    await writeFile(passphraseFile, 'a word\n');
    const { active, oldKeyPath } = await rotateLog(directory, { keyFile, passphraseFile });
    expect(active.logId).toBe(key.logId);
    expect((await stat(oldKeyPath ?? '')).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).not.toContain('key.pem');
    const log = await openLog(directory, { keyFile, passphraseFile });
    expect(log.key.logId).toBe(key.logId);
  });
});

describe('a rotation is refused', () => {
  it('while a server runs, and says which', async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    expect(await refusalOf(rotateLog(directory))).toMatch(
      new RegExp(`^the log in ${directory} is in use by process ${process.pid} on host`),
    );
    await log.add(candidate('a'));
    expect(log.trees.frozen).toEqual([]);
  });

  it('where there is no log, and makes nothing there', async () => {
    const directory = await temporaryDirectory();
    for (const path of [directory, join(directory, 'missing')])
      expect(await refusalOf(rotateLog(path))).toBe(
        `expected the log of helm sigstore in ${path}, found none`,
      );
    expect(await readdir(directory)).toEqual([]);
  });

  it('for the format of an earlier version, which a server brings to the present one', async () => {
    const directory = await temporaryDirectory();
    await writeOldLog(directory, ['a', 'b'], NOW);
    expect(await refusalOf(rotateLog(directory))).toBe(
      `the log in ${directory} has the format of an earlier version`,
    );
    const log = await openLog(directory, { warn: () => undefined });
    await log.close();
    const { frozen } = await rotateLog(directory);
    expect(frozen.size).toBe(2);
    expect(await problemsIn(directory)).toEqual([]);
  });

  it('with a key that the log had before', async () => {
    const { directory, rotations } = await rotatedLog(1, 1);
    const keyFile = rotations[0]?.oldKeyPath ?? '';
    for (const [path, tree] of [
      [join(directory, 'key.pem'), rotations[0]?.active],
      [keyFile, rotations[0]?.frozen],
    ] as const)
      expect(await refusalOf(rotateLog(directory, { keyFile: path }))).toBe(
        `expected a new key, found the one of tree ${tree?.treeId ?? ''}, ${tree?.logId ?? ''}`,
      );
    expect(await problemsIn(directory)).toEqual([]);
    expect((await readdir(directory)).filter((name) => name.startsWith('rotation'))).toEqual([]);
  });

  it('where entries are missing at the end: the frozen tree would be smaller than clients saw it', async () => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'a', 1);
    const journal = await readFile(join(directory, 'entries.jsonl'));
    await addEntries(directory, 'b', 1);
    await writeFile(join(directory, 'entries.jsonl'), journal);
    expect(await refusalOf(rotateLog(directory))).toContain('lost entries that clients were told of');
    expect(await readdir(directory)).not.toContain('shards');
  });

  it.each([
    ['public-key.pem', 'expected the public key of the log in'],
    ['entries.jsonl', 'lost what the log had acknowledged'],
  ])('when %s is cut', async (file, message) => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'a', 3);
    await truncate(join(directory, file), 60);
    expect(await refusalOf(rotateLog(directory))).toContain(message);
  });

  it('when public-key.pem is that of another log', async () => {
    const directory = await temporaryDirectory();
    await addEntries(directory, 'a', 3);
    const pem = newLogKeys.Ed25519().key.publicKey.export({ format: 'pem', type: 'spki' });
    await writeFile(join(directory, 'public-key.pem'), pem);
    expect(await refusalOf(rotateLog(directory))).toContain('was signed with another key');
  });
});

describe('a rotated log', () => {
  it('takes no entries in a frozen tree: its directory is not served, and not rotated', async () => {
    const { directory, rotations } = await rotatedLog(1, 1);
    const home = join(directory, 'shards', rotations[0]?.frozen.treeId ?? '');
    for (const use of [openLog, (path: string) => rotateLog(path)])
      expect(await refusalOf(use(home))).toBe(`the tree in ${home} was frozen by a rotation`);
  });

  it('is refused by a program that does not know rotations: its header has a member that is unknown there', async () => {
    const { directory } = await rotatedLog(2, 1);
    const [header = ''] = (await readFile(join(directory, 'entries.jsonl'), 'utf8')).split('\n', 1);
    expect(JSON.parse(header)).toMatchObject({ version: 3, offset: 2 });
  });

  it.each([
    ['shards.json is missing', async (home: string) => rm(join(home, 'shards.json'))],
    ['a frozen tree is missing', async (home: string) => rm(join(home, 'shards'), { recursive: true })],
    [
      'frozen trees have changed places',
      async (home: string) => {
        const [a = '', b = ''] = await readdir(join(home, 'shards'));
        const at = (name: string) => join(home, 'shards', name);
        await rename(at(a), at('x'));
        await rename(at(b), at(a));
        await rename(at('x'), at(b));
      },
    ],
    [
      'a frozen tree is one that its own key signed, of another size',
      async (home: string, first: string) => {
        const tree = join(home, 'shards', first);
        await rm(join(tree, 'frozen'));
        const old = await Log.open(tree, () => NOW);
        await old.add(candidate('forged'));
        await old.close();
      },
    ],
    [
      'shards.json leaves out a tree',
      async (home: string) => {
        const path = join(home, 'shards.json');
        const { trees, signature } = JSON.parse(await readFile(path, 'utf8')) as {
          trees: unknown[];
          signature: string;
        };
        await writeFile(path, JSON.stringify({ trees: trees.slice(1), signature }));
      },
    ],
  ])('does not start when %s, and the check names it', async (_, damage) => {
    const { directory, rotations } = await rotatedLog(2, 3, 1);
    await damage(directory, rotations[0]?.frozen.treeId ?? '');
    expect(await refusalOf(openLog(directory))).toMatch(/is damaged|another key/);
    const found = (await checkLog(directory)).findings;
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ file }) => file.startsWith('shards'))).toBe(true);
  });
});
