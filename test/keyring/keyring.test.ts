import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { assessCertificate } from '../../src/openpgp/key-lifetime.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { openKeyring, type Keyring } from '../../src/keyring/keyring.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

let signer: TestSigner;
let other: TestSigner;
beforeAll(async () => {
  signer = await createSigner({ subkey: {} });
  other = await createSigner();
});

describe('a keyring', () => {
  it.each<[string, () => Uint8Array]>([
    ['binary', () => Buffer.concat([other.certificate, signer.certificate])],
    ['armored, in one block', () => armored(other.certificate, signer.certificate)],
    ['armored, in two blocks', () => Buffer.from(`${other.armored}\n${signer.armored}`)],
    ['armored with a byte order mark', () => Buffer.from(`\ufeff${other.armored}${signer.armored}`)],
    [
      'binary, with the trust packets of GnuPG',
      () => withPacketsBetween({ tag: 12, body: Buffer.from('0000', 'hex') }),
    ],
    ['binary, with packets of unknown kind', () => withPacketsBetween({ tag: 62, body: Buffer.from('x') })],
    [
      'binary, with a key of an old version',
      () =>
        Buffer.concat([
          writePacket({ tag: 6, body: Buffer.from('03000000000000010001ff', 'hex') }),
          writePacket({ tag: 13, body: Buffer.from('old') }),
          other.certificate,
          signer.certificate,
        ]),
    ],
  ])('finds a key in a file that is %s', (_, bytes) => {
    const keyring = openKeyring([{ place: 'keys', bytes: bytes() }]);
    expect(keyring.places).toEqual([{ place: 'keys', keys: 2 }]);
    expect(primariesOf(keyring, { fingerprint: signer.fingerprint })).toEqual([signer.fingerprint]);
  });

  it('finds a key by its fingerprint or its key ID, whether it is the primary key or a subkey', () => {
    const keyring = openKeyring([{ place: 'keys', bytes: signer.certificate }]);
    for (const fingerprint of [signer.fingerprint, signer.signingFingerprint]) {
      expect(primariesOf(keyring, { fingerprint })).toEqual([signer.fingerprint]);
      expect(primariesOf(keyring, { keyId: fingerprint.slice(-16) })).toEqual([signer.fingerprint]);
    }
    expect(primariesOf(keyring, { fingerprint: other.fingerprint })).toEqual([]);
    // A fingerprint that is not there does not fall back to the key ID.
    expect(
      primariesOf(keyring, { fingerprint: other.fingerprint, keyId: signer.fingerprint.slice(-16) }),
    ).toEqual([]);
  });

  it('reads of a secret key only the public part', async () => {
    const { privateKey } = await openpgp.generateKey({ userIDs: { name: 'x' }, format: 'object' });
    const bytes = privateKey.write();
    const keyring = openKeyring([{ place: 'secret', bytes }]);
    // Nor is it kept in memory.
    expect(bytes.every((octet) => octet === 0)).toBe(true);
    const [found] = keyring.find({ fingerprint: privateKey.getFingerprint(), keyId: undefined });
    const { certificate } = found ?? expect.fail('not found');
    expect(Buffer.from(certificate.primary.body)).toEqual(
      Buffer.from(onlyBody(privateKey.toPublic().write())),
    );
    expect(certificate.subkeys.map(({ key }) => key.fingerprint)).toEqual(
      privateKey.subkeys.map((subkey) => subkey.getFingerprint()),
    );
  });

  it('keeps nothing of secrets when they are armored, or only a subkey has one', async () => {
    const { privateKey } = await openpgp.generateKey({ userIDs: { name: 'x' }, format: 'object' });
    const armored = Buffer.from(privateKey.armor());
    const packets = [...readPackets(privateKey.write())].map(({ tag, body }, index) =>
      writePacket({ tag: index === 0 ? 6 : tag, body: index === 0 ? onlyBody(publicOf(privateKey)) : body }),
    );
    const mixed = Buffer.concat(packets);
    for (const bytes of [armored, mixed]) {
      const keyring = openKeyring([{ place: 'secret', bytes }]);
      expect(bytes.every((octet) => octet === 0)).toBe(true);
      expect(primariesOf(keyring, { fingerprint: privateKey.getFingerprint() })).toHaveLength(1);
    }
  });

  it('finds a key in text that PowerShell wrote, in UTF-16', () => {
    const bytes = Buffer.from(`\ufeff${signer.armored.replaceAll('\n', '\r\n')}`, 'utf16le');
    const keyring = openKeyring([{ place: 'key.asc', bytes }]);
    expect(primariesOf(keyring, { fingerprint: signer.fingerprint })).toEqual([signer.fingerprint]);
  });

  it('leaves out a signature of something else that is armored in the same file', () => {
    const signature = writePacket({ tag: 2, body: Buffer.from('0400160a', 'hex') });
    const text = `${encodeArmor('PGP SIGNATURE', signature)}\n${signer.armored}`;
    expect(openKeyring([{ place: 'keys', bytes: Buffer.from(text) }]).places).toEqual([
      { place: 'keys', keys: 1 },
    ]);
  });

  it.each<[string, () => Uint8Array, string]>([
    [
      'tiny keys',
      () => Buffer.from('c60104'.repeat(500_001), 'hex'),
      'expected at most 500000 OpenPGP packets',
    ],
    ['empty packets', () => Buffer.from(`c60104${'cd00'.repeat(500_000)}`, 'hex'), 'expected at most 500000'],
    [
      'armored blocks',
      () =>
        Buffer.from(`${encodeArmor('PGP PUBLIC KEY BLOCK', Buffer.from('c60104', 'hex'))}\n`.repeat(100_001)),
      'expected at most 100000 armored blocks',
    ],
    [
      'certificates that claim one key',
      () =>
        Buffer.concat(
          manyCertificates(101).map((certificate) =>
            Buffer.concat([certificate, writePacket({ tag: 14, body: onlyBody(signer.certificate) })]),
          ),
        ),
      '101 certificates claim one key, expected at most 100',
    ],
  ])('refuses a file of more %s than anybody needs', (_, bytes, message) => {
    const find = (): unknown =>
      openKeyring([{ place: 'flood', bytes: bytes() }]).find({
        fingerprint: signer.fingerprint,
        keyId: undefined,
      });
    expect(find).toThrow(InputError);
    expect(find).toThrow(message);
  });

  it('merges the copies of a certificate, so that a revocation in any of them counts', async () => {
    const revoked = await signer.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 3 }] });
    const renewed = await signer.certificateWith({
      selfSignatures: [{ at: KEY_CREATED + DAY, expiresAfter: 9 }],
    });
    const keyring = openKeyring([
      { place: 'first', bytes: signer.certificate },
      { place: 'second', bytes: Buffer.concat([other.certificate, renewed]) },
      { place: 'third', bytes: revoked },
    ]);
    const [found, ...more] = keyring.find({ fingerprint: signer.signingFingerprint, keyId: undefined });
    expect(more).toEqual([]);
    expect(found?.place).toBe('first, second, third');
    const { certificate } = found ?? expect.fail('not found');
    expect(await assessCertificate(certificate, signer.fingerprint, [])).toMatchObject({
      primary: { expires: KEY_CREATED + 9, revocations: [{ at: KEY_CREATED + DAY, hard: false }] },
    });
  });

  it('counts a revocation in a copy that lacks the subkey asked for', async () => {
    const revoked = await signer.certificateWith({ revocations: [{ at: KEY_CREATED }] });
    const packets = [...readPackets(revoked)];
    const withoutSubkey = packets.slice(
      0,
      packets.findIndex(({ tag }) => tag === 14),
    );
    const keyring = openKeyring([
      { place: 'whole', bytes: signer.certificate },
      { place: 'revoked', bytes: Buffer.concat(withoutSubkey.map(writePacket)) },
    ]);
    const [found] = keyring.find({ fingerprint: signer.signingFingerprint, keyId: undefined });
    const { certificate } = found ?? expect.fail('not found');
    const { primary } = await assessCertificate(certificate, signer.signingFingerprint, []);
    expect(primary.revocations).toMatchObject([{ hard: true }]);
  });

  it.each<[string, (revocation: Uint8Array) => Uint8Array[]]>([
    ['in a file of its own', (revocation) => [signer.certificate, revocation]],
    ['in a file of its own that comes first', (revocation) => [revocation, signer.certificate]],
    ['before a key in one file', (revocation) => [Buffer.concat([revocation, signer.certificate])]],
    [
      'behind the key of somebody else',
      (revocation) => [signer.certificate, Buffer.concat([other.certificate, revocation])],
    ],
    [
      'behind a key of somebody else that has no user ID',
      (revocation) => [signer.certificate, Buffer.concat([...manyCertificates(1).map(onlyKey), revocation])],
    ],
    [
      'in an armored block that is called a signature',
      (revocation) => [
        Buffer.from(`${signer.armored}\nRevoked:\n${encodeArmor('PGP SIGNATURE', revocation)}\n`),
      ],
    ],
    [
      'in an armored block behind that of somebody else',
      (revocation) => [
        signer.certificate,
        Buffer.from(`${other.armored}${encodeArmor('PGP PUBLIC KEY BLOCK', revocation)}`),
      ],
    ],
  ])('counts a revocation that stands alone %s', async (_, rings) => {
    const revocation = await revocationOf(signer);
    const keyring = openKeyring(rings(revocation).map((bytes, index) => ({ place: `ring ${index}`, bytes })));
    const [found] = keyring.find({ fingerprint: signer.fingerprint, keyId: undefined });
    const { certificate } = found ?? expect.fail('not found');
    const { primary } = await assessCertificate(certificate, signer.fingerprint, []);
    expect(primary.revocations).toMatchObject([{ hard: true, at: KEY_CREATED + DAY }]);
    const [untouched] = keyring.find({ fingerprint: other.fingerprint, keyId: undefined });
    expect(
      untouched &&
        (await assessCertificate(untouched.certificate, other.fingerprint, [])).primary.revocations,
    ).toSatisfy((revocations?: unknown[]) => revocations === undefined || revocations.length === 0);
  });

  it('takes a file with nothing but a revocation, and counts no key in it', async () => {
    const bytes = await revocationOf(signer);
    expect(openKeyring([{ place: 'revoked.asc', bytes }]).places).toEqual([
      { place: 'revoked.asc', keys: 0 },
    ]);
  });

  it('lists each certificate once, wherever its copies are', () => {
    const keyring = openKeyring([
      { place: 'first', bytes: Buffer.concat([other.certificate, signer.certificate]) },
      { place: 'second', bytes: signer.certificate },
    ]);
    expect(
      [...keyring.all()].map(({ certificate, place }) => [certificate.primary.fingerprint, place]),
    ).toEqual([
      [other.fingerprint, 'first'],
      [signer.fingerprint, 'first, second'],
    ]);
  });

  it('finds a key whose certificate never mentions its key ID', () => {
    const [primary, userId] = [...readPackets(signer.certificate)];
    const bytes = Buffer.concat([primary, userId].map((packet) => writePacket(packet ?? expect.fail('cut'))));
    expect(bytes.includes(Buffer.from(signer.fingerprint.slice(-16), 'hex'))).toBe(false);
    const rings = [other.certificate, bytes].map((ring, index) => ({ place: `ring ${index}`, bytes: ring }));
    expect(primariesOf(openKeyring(rings), { fingerprint: signer.fingerprint })).toEqual([
      signer.fingerprint,
    ]);
    // Nor does a copy that does mention it hide the one that does not.
    const more = openKeyring([...rings, { place: 'whole', bytes: signer.certificate }]);
    const [found] = more.find({ fingerprint: signer.fingerprint, keyId: undefined });
    expect(found?.place).toBe('ring 1, whole');
  });

  it('is not led astray by a certificate that mentions the key ID of another', async () => {
    const certified = Buffer.concat([
      other.certificate,
      await signer.certify(0x1f, signer.signedKey(), KEY_CREATED, {}),
    ]);
    const keyring = openKeyring([{ place: 'certified', bytes: certified }]);
    expect(primariesOf(keyring, { fingerprint: signer.fingerprint })).toEqual([]);
    expect(primariesOf(keyring, { keyId: signer.fingerprint.slice(-16) })).toEqual([]);
  });

  it('merges a secret copy of a key with a public one', async () => {
    const { privateKey } = await openpgp.generateKey({ userIDs: { name: 'x' }, format: 'object' });
    const keyring = openKeyring([
      { place: 'secret', bytes: privateKey.write() },
      { place: 'public', bytes: privateKey.toPublic().write() },
    ]);
    const found = keyring.find({ fingerprint: privateKey.getFingerprint(), keyId: undefined });
    expect(found.map(({ place }) => place)).toEqual(['secret, public']);
  });

  it('names first the certificate whose primary key it is, then those that adopted it', () => {
    const [, ...othersTail] = [...readPackets(other.certificate)];
    const [stolen] = [...readPackets(signer.certificate)];
    const adopter = [
      ...readPackets(other.certificate),
      { tag: 14, body: stolen?.body ?? new Uint8Array() },
      ...othersTail.slice(1),
    ];
    const keyring = openKeyring([
      { place: 'adopter', bytes: Buffer.concat(adopter.map(writePacket)) },
      { place: 'owner', bytes: signer.certificate },
    ]);
    expect(primariesOf(keyring, { fingerprint: signer.fingerprint })).toEqual([
      signer.fingerprint,
      other.fingerprint,
    ]);
  });

  it('hands over the keys of designated revokers that it has', async () => {
    const bytes = await signer.certificateWith({ revoker: other.fingerprint });
    const find = (...rings: Uint8Array[]): string[] | undefined =>
      openKeyring(rings.map((ring) => ({ place: 'keys', bytes: ring })))
        .find({ fingerprint: signer.fingerprint, keyId: undefined })[0]
        ?.revokers.map(({ primary }) => primary.fingerprint);
    expect(find(bytes)).toEqual([]);
    expect(find(bytes, other.certificate)).toEqual([other.fingerprint]);
  });

  it.each<[string, () => Uint8Array, string]>([
    ['text', () => Buffer.from('hello'), 'expected an armored OpenPGP key, found none'],
    ['a cut binary keyring', () => signer.certificate.subarray(0, -1), 'was announced'],
    ['a cut armored keyring', () => Buffer.from(signer.armored.slice(0, -50)), 'expected the line "-----END'],
    ['noise', () => Buffer.alloc(1000, 0xff), 'was announced'],
    ['a signature', () => writePacket({ tag: 2, body: Buffer.alloc(9) }), 'found a packet of type 2'],
    ['the database of a keyboxd', () => Buffer.from('SQLite format 3\0…'), 'keyboxd'],
  ])('refuses a file that holds %s, and names it', (_, bytes, message) => {
    const open = (): Keyring => openKeyring([{ place: '/keys/ring.gpg', bytes: bytes() }]);
    expect(open).toThrow(InputError);
    expect(open).toThrow('cannot read the keys in /keys/ring.gpg: ');
    expect(open).toThrow(message);
  });
});

async function revocationOf(of: TestSigner): Promise<Uint8Array> {
  const revoked = await of.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 2 }] });
  const packet = [...readPackets(revoked)].find(({ tag }) => tag === 2);
  return writePacket(packet ?? expect.fail('no revocation'));
}

function primariesOf(keyring: Keyring, issuer: { fingerprint?: string; keyId?: string }): string[] {
  const { fingerprint, keyId } = issuer;
  return keyring.find({ fingerprint, keyId }).map(({ certificate }) => certificate.primary.fingerprint);
}

function armored(...certificates: Uint8Array[]): Uint8Array {
  return Buffer.from(encodeArmor('PGP PUBLIC KEY BLOCK', Buffer.concat(certificates)));
}

function withPacketsBetween(packet: { tag: number; body: Uint8Array }): Uint8Array {
  const packets = [...readPackets(Buffer.concat([other.certificate, signer.certificate]))];
  return Buffer.concat(packets.flatMap((own) => [writePacket(own), writePacket(packet)]));
}

function publicOf(key: openpgp.PrivateKey): Uint8Array {
  return key.toPublic().write();
}

function onlyKey(certificate: Uint8Array): Uint8Array {
  return writePacket({ tag: 6, body: onlyBody(certificate) });
}

function onlyBody(certificate: Uint8Array): Uint8Array {
  const [key] = readPackets(certificate);
  return key?.body ?? new Uint8Array();
}
