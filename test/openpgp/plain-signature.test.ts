import { createPublicKey, hash, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { keysOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { hashByNumber } from '../../src/openpgp/hashes.ts';
import type { KeyPacket } from '../../src/openpgp/key-packet.ts';
import { plainSignatureBy, preimageOf } from '../../src/openpgp/plain-signature.ts';
import { isIssuedBy } from '../../src/openpgp/signature-packet.ts';
import { logKeyDetails, subjectPublicKeyInfo } from '../../src/openpgp/subject-public-key.ts';
import { parseProvenance, type Provenance } from '../../src/provenance/provenance.ts';
import { GnupgHome, gnupg } from '../support/gnupg.ts';
import { chartText, createSigner, type SignerOptions, type TestSigner } from '../support/signer.ts';

/** Whether a program that knows nothing of OpenPGP finds the signature good. */
function isGood({ signature, signedBytes }: Provenance, key: KeyPacket): boolean {
  const preimage = preimageOf(signature, signedBytes);
  const spki = createPublicKey({
    key: Buffer.from(subjectPublicKeyInfo(key) ?? []),
    format: 'der',
    type: 'spki',
  });
  const digest = hashByNumber(signature.hashAlgorithm)?.name ?? '';
  const plain = plainSignatureBy(signature, key) ?? Buffer.of();
  return spki.asymmetricKeyType === 'ed25519'
    ? verify(null, hash(digest, preimage, 'buffer'), spki, plain)
    : verify(digest, preimage, spki, plain);
}

/** The key of a certificate that a provenance names. */
function keyOf({ signature }: Provenance, certificate: Uint8Array): KeyPacket {
  const key = readCertificates(certificate)
    .flatMap(keysOf)
    .find((each) => isIssuedBy(signature, each));
  if (key === undefined) throw new Error('no certificate has the key');
  return key;
}

async function signedBy(options: SignerOptions, signing: Parameters<TestSigner['sign']>[3] = {}) {
  const signer = await createSigner(options);
  const provenance = parseProvenance(await signer.sign('app', '1.0.0', Buffer.from('an archive'), signing));
  return { provenance, key: keyOf(provenance, signer.certificate) };
}

describe.skipIf(gnupg === undefined)('signatures by gpg (needs gpg)', () => {
  let home: GnupgHome;
  beforeAll(async () => {
    home = await GnupgHome.create();
  });
  afterAll(async () => {
    await home.remove();
  });

  it.each([
    ['rsa2048', 'SHA256', 'PKIX_RSA_PKCS1V15_2048_SHA256'],
    ['rsa2048', 'SHA512', 'of RSA 2048 it takes signatures over SHA-256, and this one is over SHA-512'],
    ['rsa3072', 'SHA256', 'PKIX_RSA_PKCS1V15_3072_SHA256'],
    ['rsa3072', 'SHA384', 'of RSA 3072 it takes signatures over SHA-256, and this one is over SHA-384'],
    ['nistp256', 'SHA256', 'PKIX_ECDSA_P256_SHA_256'],
    ['nistp256', 'SHA512', 'of ECDSA P-256 it takes signatures over SHA-256, and this one is over SHA-512'],
    ['nistp384', 'SHA384', 'PKIX_ECDSA_P384_SHA_384'],
    ['nistp384', 'SHA512', 'of ECDSA P-384 it takes signatures over SHA-384, and this one is over SHA-512'],
    ['nistp521', 'SHA512', 'PKIX_ECDSA_P521_SHA_512'],
    ['ed25519', 'SHA512', 'it takes no signatures by keys of Ed25519'],
    ['brainpoolP256r1', 'SHA256', 'it takes no signatures by keys of ECDSA brainpoolP256r1'],
  ])(
    '%s with %s are verified by others, and %s is what the log says (needs gpg)',
    async (algorithm, digest, said) => {
      const user = `${algorithm}-${digest}@example.com`;
      await home.gpgWithSecrets(['--quick-generate-key', user, algorithm, 'sign', 'never']);
      const { provenance, key } = await clearsigned(user, digest);
      const details = logKeyDetails(key, provenance.signature.hashAlgorithm);
      expect('refused' in details ? details.refused : details.keyDetails).toBe(said);
      if (algorithm.startsWith('brainpool')) expect(subjectPublicKeyInfo(key)).toBeUndefined();
      else expect(isGood(provenance, key)).toBe(true);
    },
  );

  it('a subkey is the key that the signature is verified under (needs gpg)', async () => {
    await home.gpgWithSecrets(['--quick-generate-key', 'sub@example.com', 'rsa2048', 'cert', 'never']);
    const primary = (await home.list()).find(({ userIds }) => userIds.includes('sub@example.com'));
    await home.gpgWithSecrets(['--quick-add-key', primary?.fingerprint ?? '', 'rsa3072', 'sign', 'never']);
    const { provenance, key } = await clearsigned('sub@example.com', 'SHA256');
    expect(key.fingerprint).not.toBe(primary?.fingerprint);
    expect(isGood(provenance, key)).toBe(true);
  });

  async function clearsigned(user: string, digest: string) {
    const text = `${home.path}/${user}.txt`;
    await writeFile(text, `keywords:\n- with a dash  \n${chartText('app', '1.0.0', Buffer.from('x'))}`);
    const out = await home.gpgWithSecrets([
      ...['--local-user', user, '--digest-algo', digest, '--output', '-', '--clearsign', text],
    ]);
    const provenance = parseProvenance(out);
    return { provenance, key: keyOf(provenance, await home.gpg(['--export', user])) };
  }
});

describe('signatures by the OpenPGP library', () => {
  it.each<[string, SignerOptions, { binary?: boolean }]>([
    ['RSA', { algorithm: 'rsa2048' }, {}],
    ['P-384', { algorithm: 'p384' }, {}],
    ['P-521', { algorithm: 'p521' }, {}],
    ['Ed25519 of GnuPG', { algorithm: 'ed25519' }, {}],
    ['Ed25519 of RFC 9580', { algorithm: 'ed25519-new' }, {}],
    ['a subkey', { algorithm: 'p256', subkey: {} }, {}],
    ['a binary signature', { algorithm: 'p256' }, { binary: true }],
  ])('%s: others verify it', async (_, options, signing) => {
    const { provenance, key } = await signedBy(options, signing);
    expect(isGood(provenance, key)).toBe(true);
    const text = Buffer.concat([provenance.signedBytes, Buffer.from('x')]);
    expect(isGood({ ...provenance, signedBytes: text }, key)).toBe(false);
  });

  it('numbers with zeros in front have the length that others expect, in each of many signatures', async () => {
    const signer = await createSigner({ algorithm: 'p521' });
    for (let count = 0; count < 20; count++) {
      const provenance = parseProvenance(await signer.sign('app', `1.0.${count}`, Buffer.from('x')));
      expect(isGood(provenance, keyOf(provenance, signer.certificate))).toBe(true);
    }
  });

  it('of algorithms that others do not write there is no form', async () => {
    const { provenance, key } = await signedBy({ algorithm: 'ed448' });
    expect(plainSignatureBy(provenance.signature, key)).toBeUndefined();
    expect(subjectPublicKeyInfo(key)).toBeUndefined();
    expect(logKeyDetails(key, 10)).toHaveProperty('refused');
  });
});

describe('what is no key or signature is refused', () => {
  it('a point that is not on its curve', async () => {
    const { key } = await signedBy({ algorithm: 'p256' });
    const material = Buffer.from(key.material);
    material.writeUInt8(material.readUInt8(material.length - 1) ^ 1, material.length - 1);
    expect(() => subjectPublicKeyInfo({ ...key, material })).toThrow(MalformedError);
  });

  it('a point that is written in another form', async () => {
    for (const algorithm of ['p256', 'ed25519'] as const) {
      const { key } = await signedBy({ algorithm });
      const material = Buffer.from(key.material);
      const form = 1 + material.readUInt8(0) + 2;
      const bits = material.readUInt16BE(form - 2);
      material.writeUInt16BE(bits - Math.clz32(0x02) + Math.clz32(material.readUInt8(form)), form - 2);
      material.writeUInt8(0x02, form);
      expect(() => subjectPublicKeyInfo({ ...key, material })).toThrow('expected a point of');
    }
  });

  it('a key whose numbers are not counted to the bit', async () => {
    for (const algorithm of ['rsa2048', 'p256', 'ed25519'] as const) {
      const { key } = await signedBy({ algorithm });
      const material = Buffer.from(key.material);
      const count = algorithm === 'rsa2048' ? 0 : 1 + material.readUInt8(0);
      const bits = material.readUInt16BE(count);
      material.writeUInt16BE(bits % 8 === 0 ? bits - 1 : bits + 1, count);
      expect(() => subjectPublicKeyInfo({ ...key, material })).toThrow('a number of a wrong length');
    }
  });

  it('a signature longer than the modulus, or of another algorithm than the key', async () => {
    const { provenance } = await signedBy({ algorithm: 'rsa2048' });
    const small = await signedBy({ algorithm: 'rsa1024' });
    const other = await signedBy({ algorithm: 'p256' });
    expect(() => plainSignatureBy(provenance.signature, small.key)).toThrow(MalformedError);
    expect(() => plainSignatureBy(provenance.signature, other.key)).toThrow(MalformedError);
  });

  it('a signature whose numbers are missing', async () => {
    const { provenance, key } = await signedBy({ algorithm: 'p256' });
    const body = provenance.signature.body.subarray(0, -1);
    expect(() => plainSignatureBy({ body }, key)).toThrow(MalformedError);
  });
});
