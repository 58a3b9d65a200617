import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { assessCertificate, type Signer } from '../../src/openpgp/key-lifetime.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import { embedded, signedCertificate, type Cast } from '../support/odd-certificates.ts';
import {
  issuerFingerprint,
  makeRawKey,
  signatureV3,
  signatureV4,
  subpacket,
  type RawKey,
} from '../support/raw-openpgp.ts';

const cast: Cast = { primary: makeRawKey(), subkey: makeRawKey(), stranger: makeRawKey() };
const both = Buffer.concat([cast.primary.hashed, cast.subkey.hashed]);
const backBy = (key: RawKey, type: number = signatureType.primaryKeyBinding): Uint8Array =>
  signatureV4(key, type, both);

const good = signedCertificate(cast, { unsigned: [embedded(backBy(cast.subkey))] });

/** What somebody who passes the key on may put where the back signature stands, which is not signed. */
const GARBLED: [string, Uint8Array[]][] = [
  ['nothing', []],
  ['an empty subpacket', [Buffer.of(0)]],
  ['an embedded signature of no octets', [embedded(new Uint8Array())]],
  ['a cut head', [embedded(Buffer.from([3, 0x19, 22, 8, 0, 0]))]],
  ['noise', [embedded(Buffer.alloc(90, 0x99))]],
  ['a signature of version 3', [embedded(signatureV3(cast.subkey, 0x19, both))]],
  [
    'a signature of version 7',
    [embedded(Uint8Array.from(backBy(cast.subkey), (octet, at) => (at ? octet : 7)))],
  ],
  [
    'a signature with an empty subpacket',
    [embedded(signatureV4(cast.subkey, 0x19, both, { unsigned: Buffer.of(0) }))],
  ],
  ['a signature that is cut', [embedded(backBy(cast.subkey).subarray(0, -9))]],
  ['a signature of another type', [embedded(backBy(cast.subkey, signatureType.subkeyBinding))]],
  ['a signature by somebody else', [embedded(backBy(cast.stranger))]],
  ['a subpacket that is cut', [Buffer.of(200, 1)]],
  ['the fingerprint of somebody else', [issuerFingerprint(cast.stranger), embedded(backBy(cast.subkey))]],
  ['a key ID of 7 octets', [subpacket(16, Buffer.alloc(7)), embedded(backBy(cast.subkey))]],
];

async function signerIn(copies: readonly Uint8Array[]): Promise<Signer> {
  const keyring = openKeyring(copies.map((bytes, number) => ({ place: `copy ${number}`, bytes })));
  const [known] = keyring.find({ fingerprint: cast.subkey.fingerprint, keyId: undefined });
  return await assessCertificate(
    (known ?? expect.fail('not found')).certificate,
    cast.subkey.fingerprint,
    [],
  );
}

describe.each(GARBLED)('a copy of a key with %s for its back signature', (_, unsigned) => {
  const garbled = signedCertificate(cast, { unsigned });

  it('does no harm beside a good one, in any order', async () => {
    for (const copies of [
      [garbled, good],
      [good, garbled],
      [garbled, good, garbled],
      [Buffer.concat([garbled, good])],
      [Buffer.concat([good, garbled])],
    ])
      expect(await signerIn(copies)).toMatchObject({ maySign: true, signing: { revocations: [] } });
  });
});

it('a key whose copies are all without a good back signature belongs to nobody', async () => {
  const bad = GARBLED.filter(([name]) => !name.includes('fingerprint') && !name.includes('7 octets'));
  const copies = bad.map(([, unsigned]) => signedCertificate(cast, { unsigned }));
  await expect(signerIn(copies)).rejects.toThrow('is not bound to');
});

it.each([
  ['the garbled one first', (garbled: Uint8Array, back: Uint8Array) => [garbled, back]],
  ['the good one first', (garbled: Uint8Array, back: Uint8Array) => [back, garbled]],
])('one binding may hold several back signatures, %s', async (_, order) => {
  for (const [name, [garbled]] of GARBLED.filter(([name]) => /signature (?:of|by|that|with)/.test(name))) {
    const parts = order(garbled ?? expect.fail(name), embedded(backBy(cast.subkey)));
    expect(await signerIn([signedCertificate(cast, { unsigned: parts })])).toMatchObject({ maySign: true });
  }
  const signed = order(embedded(backBy(cast.stranger)), embedded(backBy(cast.subkey)));
  expect(await signerIn([signedCertificate(cast, { signed })])).toMatchObject({ maySign: true });
});

it('a garbled copy of a self-signature does no harm beside a good one, in any order', async () => {
  const garbled = [...readPackets(good)].map(({ tag, body }) => {
    const changed = Buffer.from(body);
    // The length of the area that is not signed; of keys and user IDs nothing is changed.
    if (tag === 2) changed.writeUInt16BE(0xffff, 6 + changed.readUInt16BE(4));
    return writePacket({ tag, body: changed });
  });
  for (const copies of [
    [Buffer.concat(garbled), good],
    [good, Buffer.concat(garbled)],
  ])
    expect(await signerIn(copies)).toMatchObject({ maySign: true, primary: { revocations: [] } });
});
