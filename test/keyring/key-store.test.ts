import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readAddedKeys } from '../../src/keyring/added-keys.ts';
import { KeyStore } from '../../src/keyring/key-store.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { bundle, endOf, startNode } from '../support/own-process.ts';

let folder: string;
let owner: TestSigner;
/** Copies of the key, each with a revocation that no other one has. */
let copies: Uint8Array[];

beforeAll(async () => {
  owner = await createSigner();
  copies = await Promise.all(
    Array.from({ length: 8 }, (_, day) =>
      owner.certificateWith({ revocations: [{ at: KEY_CREATED + day * DAY, reason: 1 }] }),
    ),
  );
});
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'key-store-')), 'keys');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

/** How many revocations are known of the key. */
async function revocations(): Promise<number> {
  const keyring = openKeyring(await readAddedKeys(folder));
  const { fingerprint } = owner;
  const [known] = keyring.find({ fingerprint, keyId: fingerprint.slice(-16) });
  return known?.certificate.revocations.length ?? 0;
}

const commonName = () => `${owner.fingerprint.toUpperCase()}.gpg`;

describe('the folder of added keys', () => {
  test('loses nothing that is written to it at the same time, and ends with one file a key', async () => {
    await Promise.all(copies.map((copy) => new KeyStore(folder).put(owner.fingerprint, copy)));
    expect(await revocations()).toBe(copies.length);
    await new KeyStore(folder).put(owner.fingerprint, owner.certificate);
    expect(await readdir(folder)).toEqual([commonName()]);
    expect(readCertificates(await readFile(join(folder, commonName())))).toHaveLength(1);
  });

  test(
    'loses nothing to other processes, and a reader misses no key meanwhile',
    { timeout: 60_000 },
    async () => {
      const directory = join(folder, '..');
      const program = await bundle(WRITER, directory);
      await new KeyStore(folder).put(owner.fingerprint, owner.certificate);
      const files = await Promise.all(
        copies.map(async (copy, index) => {
          const file = join(directory, `copy-${index}`);
          await writeFile(file, copy);
          return file;
        }),
      );
      const writers = files.map((file) => endOf(startNode(program, [folder, owner.fingerprint, file], {})));
      const ending = new AbortController();
      const ended = Promise.all(writers).finally(() => {
        ending.abort();
      });
      let last = 0;
      let reads = 0;
      // However the machine divides its time, some reads are made.
      while (!ending.signal.aborted || reads <= 3) {
        const known = await revocations();
        expect(known).toBeGreaterThanOrEqual(last);
        expect(openKeyring(await readAddedKeys(folder)).places[0]?.keys).toBeGreaterThan(0);
        last = known;
        reads++;
      }
      expect((await ended).map(({ status, stderr }) => ({ status, stderr }))).toEqual(
        copies.map(() => ({ status: 0, stderr: '' })),
      );
      expect(reads).toBeGreaterThan(3);
      expect(await revocations()).toBe(copies.length);
    },
  );

  test('counts what a process left behind that ended before it was done, and tidies it up', async () => {
    const [first = expect.fail('none'), second = expect.fail('none')] = copies;
    await new KeyStore(folder).put(owner.fingerprint, owner.certificate);
    const apart = () => join(folder, commonName().replace('gpg', `${randomUUID()}.gpg`));
    await writeFile(apart(), first);
    expect(await revocations()).toBe(1);
    await rm(join(folder, commonName()));
    expect(await revocations()).toBe(1);
    await new KeyStore(folder).put(owner.fingerprint, second);
    expect(await revocations()).toBe(2);
    expect(await readdir(folder)).toEqual([commonName()]);
  });

  test('ignores half written files and those of others', async () => {
    await new KeyStore(folder).put(owner.fingerprint, owner.certificate);
    await writeFile(join(folder, `${commonName()}.${randomUUID()}`), 'half');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    expect(await readAddedKeys(folder)).toHaveLength(1);
    expect(await new KeyStore(folder).remove(owner.fingerprint)).toBe(true);
    expect(await new KeyStore(folder).remove(owner.fingerprint)).toBe(false);
    expect(await readdir(folder)).toContain('notes.txt');
  });

  test('need not be there', async () => {
    expect(await readAddedKeys(folder)).toEqual([]);
    expect(await new KeyStore(folder).remove(owner.fingerprint)).toBe(false);
  });
});

/** Keeps a copy, in small steps with others. */
const WRITER = `
  import { readFileSync } from 'node:fs';
  import { KeyStore } from './src/keyring/key-store.ts';
  const [, , folder, fingerprint, file] = process.argv;
  const copy = new Uint8Array(readFileSync(file));
  (async () => {
    for (let times = 0; times < 5; times++) await new KeyStore(folder).put(fingerprint, copy);
  })();
`;
