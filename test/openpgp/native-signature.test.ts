import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keysOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { hashedKey, parseKeyPacket, type KeyPacket } from '../../src/openpgp/key-packet.ts';
import { isNativelyValid } from '../../src/openpgp/native-signature.ts';
import { packetTag } from '../../src/openpgp/packets.ts';
import { hashedPart, readSignatureHeader } from '../../src/openpgp/signature-header.ts';
import {
  isIssuedBy,
  parseSignaturePacket,
  partsOf,
  signatureType,
  type SignaturePacket,
} from '../../src/openpgp/signature-packet.ts';
import { whyInvalid } from '../../src/openpgp/signature-validity.ts';
import type { SignedObject } from '../../src/openpgp/signed-object.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { createSigner, type SignerOptions, type SigningOptions } from '../support/signer.ts';

/** A signature over a provenance, and the key that made it. */
async function signed(options: SignerOptions, signing: SigningOptions = {}) {
  const signer = await createSigner(options);
  const { signature, signedBytes } = parseProvenance(
    await signer.sign('app', '1.0.0', Buffer.from('an archive'), signing),
  );
  const [certificate] = readCertificates(signer.certificate);
  const key = certificate && keysOf(certificate).find((each) => isIssuedBy(signature, each));
  if (certificate === undefined || key === undefined) throw new Error('the signer has no key');
  return { signature, key, certificate, data: signedBytes };
}

/** An RSA key as OpenPGP has it, and what it signs: whatever type a packet has, over whatever bytes. */
function rsa() {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
  const numbers = [n, e].map((number) => integer(Buffer.from(number, 'base64url')));
  const body = Buffer.concat([Buffer.of(4, 0x60, 0, 0, 0, RSA), ...numbers]);
  const key = parseKeyPacket({ tag: packetTag.publicKey, body });
  if (key === undefined) throw new Error('it is no key');
  const signOver = (type: number, hashed: Uint8Array, digest: 'sha1' | 'sha256' = 'sha256') => {
    const created = Buffer.of(5, 2, 0x65, 0, 0, 0);
    const head = Buffer.of(4, type, RSA, digest === 'sha1' ? 2 : 8, 0, created.length);
    const before = Buffer.concat([head, created]);
    const preimage = Buffer.concat([hashed, hashedPart({ version: 4, signed: before })]);
    const start = hash(digest, preimage, 'buffer').subarray(0, 2);
    const number = integer(sign(digest, preimage, pair.privateKey));
    return parseSignaturePacket(Buffer.concat([before, Buffer.of(0, 0), start, number]));
  };
  return { key, signOver };
}

const RSA = 1;

/** RFC 9580 3.2. */
function integer(bytes: Buffer): Buffer {
  const digits = bytes.subarray(bytes.findIndex((octet) => octet !== 0));
  const bits = digits.length * 8 - Math.clz32(digits.readUInt8(0)) + 24;
  return Buffer.concat([Buffer.of(bits >> 8, bits & 0xff), digits]);
}

/** What the program says of it, which asks the library wherever Node alone does not find it good. */
async function isValid(signature: SignaturePacket, key: KeyPacket, over: SignedObject): Promise<boolean> {
  return (await whyInvalid(signature, key, over)) === undefined;
}

const KINDS: readonly (readonly [string, SignerOptions, SigningOptions])[] = [
  ['RSA', { algorithm: 'rsa2048' }, {}],
  ['RSA over SHA-256', { algorithm: 'rsa2048' }, { hash: 'sha256' }],
  ['P-256', { algorithm: 'p256' }, { hash: 'sha256' }],
  ['P-384', { algorithm: 'p384' }, { hash: 'sha384' }],
  ['P-521', { algorithm: 'p521' }, {}],
  ['Ed25519 of GnuPG', { algorithm: 'ed25519' }, {}],
  ['Ed25519 of RFC 9580', { algorithm: 'ed25519-new' }, {}],
  ['a binary signature', { algorithm: 'rsa2048' }, { binary: true }],
  ['a subkey', { algorithm: 'ed25519', subkey: {} }, {}],
];

describe.each(KINDS)('%s', (_, options, signing) => {
  it('is found good without the library', async () => {
    const { signature, key, data, certificate } = await signed(options, signing);
    expect(isNativelyValid(signature, key, { data })).toBe(true);
    for (const { bytes, signatures } of certificate.userIds)
      for (const each of signatures)
        expect(
          isNativelyValid(each, certificate.primary, { primary: certificate.primary, userId: bytes }),
        ).toBe(true);
  });

  it('is not good with any bit of it changed, but for those that nobody signs', async () => {
    const { signature, key, data } = await signed(options, signing);
    const { body } = signature;
    const { signed: before, rest } = partsOf(signature);
    const restAt = body.length - rest.length;
    for (let bit = 0; bit < body.length * 8; bit++) {
      const at = bit >> 3;
      if (at >= before.length && at < restAt) continue;
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
      const forged = parsed(changed);
      if (forged === undefined || isBitCount(at - restAt, signature)) continue;
      expect(isNativelyValid(forged, key, { data }), `bit ${bit}`).toBe(false);
    }
  });

  it('is not good over other bytes, by another key, or with bytes behind it', async () => {
    const { signature, key, data } = await signed(options, signing);
    const other = await signed(options, signing);
    expect(isNativelyValid(signature, key, { data: Buffer.concat([data, Buffer.from('x')]) })).toBe(false);
    expect(isNativelyValid(signature, other.key, { data })).toBe(false);
    const longer = parseSignaturePacket(Buffer.concat([signature.body, Buffer.of(0)]));
    expect(isNativelyValid(longer, key, { data })).toBe(false);
    expect(await isValid(longer, key, { data })).toBe(false);
  });
});

/** The octets that say how many bits a number has may change without changing how many octets it has. */
function isBitCount(at: number, { publicKeyAlgorithm, body }: SignaturePacket): boolean {
  const { rest } = readSignatureHeader(body);
  if (publicKeyAlgorithm === 27 || at < 2) return false;
  const second = 4 + Math.ceil((((rest[2] ?? 0) << 8) | (rest[3] ?? 0)) / 8);
  return at === 2 || at === 3 || at === second || at === second + 1;
}

function parsed(body: Uint8Array): SignaturePacket | undefined {
  try {
    return parseSignaturePacket(body);
  } catch {
    return undefined;
  }
}

describe('a signature that was made over one thing is not good over another with the same bytes:', () => {
  const { key: primary, signOver } = rsa();
  const { key: subkey } = rsa();
  const userId = Buffer.from('someone@example.com');
  const head = Buffer.alloc(5, 0xb4);
  head.writeUInt32BE(userId.length, 1);
  const ofKey = Buffer.from(hashedKey(primary));
  const ofUser = Buffer.concat([ofKey, head, userId]);
  const ofSubkey = Buffer.concat([ofKey, hashedKey(subkey)]);
  const { binary, text, positiveCertification, subkeyBinding, directKey, keyRevocation } = signatureType;

  it.each<[string, number, Uint8Array, SignedObject, boolean]>([
    ['a certification', positiveCertification, ofUser, { primary, userId }, true],
    ['data, as a certification', binary, ofUser, { primary, userId }, false],
    ['a certification, as data', positiveCertification, ofUser, { data: ofUser }, false],
    ['a certification that revokes, as data', 0x30, ofUser, { data: ofUser }, false],
    ['a text', text, ofUser, { data: ofUser }, true],
    ['a binding', subkeyBinding, ofSubkey, { primary, subkey }, true],
    ['a binding, as a certification', subkeyBinding, ofUser, { primary, userId }, false],
    ['a certification, as a binding', positiveCertification, ofSubkey, { primary, subkey }, false],
    ['a revocation of a key', keyRevocation, ofKey, { primary }, true],
    ['a revocation of a key, as one of a subkey', 0x28, ofKey, { primary }, false],
    ['a direct signature', directKey, ofKey, { primary }, true],
    ['a direct signature, with a user ID', directKey, ofUser, { primary, userId }, false],
    ['a signature of an unknown type', 0x50, ofKey, { primary }, false],
  ])('%s', async (_, type, hashed, over, isGood) => {
    const signature = signOver(type, hashed);
    expect(isNativelyValid(signature, primary, over)).toBe(isGood);
    expect(await isValid(signature, primary, over)).toBe(isGood);
  });
});

it('a signature over nothing is not good over data', () => {
  const { key, signOver } = rsa();
  expect(isNativelyValid(signOver(0x02, Buffer.of()), key, { data: Buffer.of() })).toBe(false);
  expect(isNativelyValid(signOver(0x02, Buffer.of()), key, { data: Buffer.from('data') })).toBe(false);
});

describe('is left to the library:', () => {
  it('a digest that is not of SHA-2', async () => {
    const { key, signOver } = rsa();
    const data = Buffer.from('data');
    const signature = signOver(signatureType.binary, data, 'sha1');
    expect(isNativelyValid(signature, key, { data })).toBe(false);
    expect(await isValid(signature, key, { data })).toBe(true);
  });

  it('a key that others do not write', async () => {
    const { signature, key, data } = await signed({ algorithm: 'ed448' });
    expect(isNativelyValid(signature, key, { data })).toBe(false);
    expect(await isValid(signature, key, { data })).toBe(true);
  });

  it('first octets of the digest that are others, though the signature is good', async () => {
    const { key, signOver } = rsa();
    const data = Buffer.from('data');
    const { body } = signOver(signatureType.binary, data);
    const at = body.length - 256 - 2 - 2;
    const changed = Buffer.from(body);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    expect(isNativelyValid(parseSignaturePacket(changed), key, { data })).toBe(false);
    expect(await isValid(parseSignaturePacket(changed), key, { data })).toBe(false);
  });
});
