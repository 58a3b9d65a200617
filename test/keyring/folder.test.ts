import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKeyring, type Keyring } from '../../src/keyring/keyring.ts';
import { locateKeyrings } from '../../src/keyring/location.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let signer: TestSigner;
let other: TestSigner;
beforeAll(async () => {
  signer = await createSigner();
  other = await createSigner();
});

describe('a folder of key files', () => {
  it('is read whatever its files are called, and what is no key file does no harm', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'README'), 'about keys\n');
    await writeFile(join(folder, 'chart.tgz'), Buffer.from('1f8b', 'hex'));
    await writeFile(join(folder, 'picture'), Buffer.from('89504e47', 'hex'));
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'KEYS'), `Keys of the team\n\n${signer.armored}`);
    await writeFile(join(folder, 'ring'), keybox(keyboxRecord(other.certificate)));
    await mkdir(join(folder, 'more'));
    await symlink(join(folder, 'gone'), join(folder, 'broken-link'));
    const keyring = await open(folder);
    expect(keyring.places).toEqual([{ place: folder, keys: 2 }]);
    expect(find(keyring, signer)?.place).toBe(join(folder, 'KEYS'));
    expect(find(keyring, other)?.place).toBe(join(folder, 'ring'));
  });

  it('is read without hidden files and without what GnuPG keeps of keys that were deleted', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'key.gpg'), signer.certificate);
    await writeFile(join(folder, 'pubring.kbx~'), keybox(keyboxRecord(other.certificate)));
    await writeFile(join(folder, '.key.gpg'), other.certificate);
    expect((await open(folder)).places).toEqual([{ place: folder, keys: 1 }]);
  });

  it('with a key file that is damaged is refused: it may hold a revocation', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'good.gpg'), signer.certificate);
    await writeFile(join(folder, 'bad.asc'), signer.armored.replace('=', ''));
    await expect(open(folder)).rejects.toThrow(`cannot read the keys in ${join(folder, 'bad.asc')}: `);
  });
});

describe('a folder of the layout pgp.cert.d', () => {
  it('is read wholly, and without what is no certificate of a user', async () => {
    const folder = await temporaryDirectory();
    for (const { fingerprint, certificate } of [signer, other]) {
      const shelf = join(folder, fingerprint.slice(0, 2));
      await mkdir(shelf, { recursive: true });
      await writeFile(join(shelf, fingerprint.slice(2)), certificate);
    }
    await writeFile(join(folder, 'trust-root'), (await createSigner()).certificate);
    await writeFile(join(folder, 'writelock'), '');
    await writeFile(join(folder, signer.fingerprint.slice(0, 2), 'README'), 'hello');
    const keyring = await open(folder);
    expect(keyring.places).toEqual([{ place: folder, keys: 2 }]);
    expect(find(keyring, signer)?.place).toBe(
      join(folder, signer.fingerprint.slice(0, 2), signer.fingerprint.slice(2)),
    );
  });
});

async function open(folder: string): Promise<Keyring> {
  const settings = { keyrings: [folder], publicKeys: [], env: {}, home: '', platform: 'linux' };
  return openKeyring(await locateKeyrings(settings));
}

function find(keyring: Keyring, { fingerprint }: TestSigner) {
  return keyring.find({ fingerprint, keyId: undefined })[0];
}
