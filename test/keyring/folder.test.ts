import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKeyring, type Keyring } from '../../src/keyring/keyring.ts';
import { locateKeyrings } from '../../src/keyring/location.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { assessCertificate } from '../../src/openpgp/key-lifetime.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { createSigner, KEY_CREATED, type TestSigner } from '../support/signer.ts';
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

  it.each([
    ['a web page', { 'key.html': '<!DOCTYPE html>\n<html></html>' }, 'key.html is a web page', /curl -fL/],
    [
      'a provenance',
      { 'a.tgz': 'archive', 'a.tgz.prov': '-----BEGIN PGP SIGNED MESSAGE-----\n' },
      'a.tgz.prov is a signed text, such as a provenance',
      /public key/,
    ],
    ['nothing', {}, 'there are no files in it', /--export/],
    ['other files', { 'a.txt': 'a', 'b.txt': 'b' }, 'none of its 2 files is one', /--export/],
  ])('with %s in place of keys says so', async (_, files, says, hint) => {
    const folder = await temporaryDirectory();
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await expect(open(folder)).rejects.toMatchObject({
      code: 'INPUT',
      message: `the folder ${folder} holds no files of OpenPGP keys: ${says}`,
      hint: expect.stringMatching(hint) as string,
    });
  });

  it('is read without hidden files and without what GnuPG keeps of keys that were deleted', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'key.gpg'), signer.certificate);
    await writeFile(join(folder, 'pubring.kbx~'), keybox(keyboxRecord(other.certificate)));
    await writeFile(join(folder, '.key.gpg'), other.certificate);
    expect((await open(folder)).places).toEqual([{ place: folder, keys: 1 }]);
  });

  it('is read wholly when it has a folder with the name of a shelf of certificates', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'key.gpg'), signer.certificate);
    await mkdir(join(folder, 'de'));
    await writeFile(join(folder, 'be'), 'hello');
    expect((await open(folder)).places).toEqual([{ place: folder, keys: 1 }]);
    const shelf = join(folder, other.fingerprint.slice(0, 2));
    await mkdir(shelf, { recursive: true });
    await writeFile(join(shelf, other.fingerprint.slice(2)), other.certificate);
    expect((await open(folder)).places).toEqual([{ place: folder, keys: 2 }]);
  });

  it.each([
    ['binary', (revocation: Uint8Array) => revocation],
    ['armored as a key', (revocation: Uint8Array) => encodeArmor('PGP PUBLIC KEY BLOCK', revocation)],
    ['armored as a signature', (revocation: Uint8Array) => encodeArmor('PGP SIGNATURE', revocation)],
  ])('is read with a revocation that lies there alone, %s', async (_, form) => {
    const folder = await temporaryDirectory();
    const revoked = await signer.certificateWith({ revocations: [{ at: KEY_CREATED }] });
    const revocation = [...readPackets(revoked)].find(({ tag }) => tag === 2) ?? expect.fail('none');
    await writeFile(join(folder, 'key.gpg'), signer.certificate);
    await writeFile(join(folder, 'revoked'), form(writePacket(revocation)));
    const found = find(await open(folder), signer) ?? expect.fail('not found');
    const { primary } = await assessCertificate(found.certificate, signer.fingerprint, []);
    expect(primary.revocations).toMatchObject([{ hard: true }]);
  });

  it('is read without noise, signatures of files, and revocations that GnuPG put aside', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'key.gpg'), signer.certificate);
    // GnuPG's random_seed may begin with any byte, also with that of a key.
    for (const first of [0x99, 0x95, 0xc6, 0x89])
      await writeFile(
        join(folder, `random${first}`),
        Buffer.concat([Buffer.of(first), Buffer.alloc(600, 0xa7)]),
      );
    const signature = writePacket({ tag: 2, body: Buffer.from('0400160a', 'hex') });
    await writeFile(join(folder, 'file.sig'), signature);
    await writeFile(join(folder, 'file.asc'), encodeArmor('PGP SIGNATURE', signature));
    await writeFile(join(folder, 'kept.rev'), `:${encodeArmor('PGP PUBLIC KEY BLOCK', signature)}`);
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
