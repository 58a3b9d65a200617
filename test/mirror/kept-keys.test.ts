import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/shape.ts';
import { KeptKeys, keyPath } from '../../src/mirror/kept-keys.ts';
import { isOfRoot, keyFiles, rootFile } from '../../src/mirror/kept-trust.ts';
import { decodeKeyArmor } from '../../src/openpgp/armor.ts';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { packetTag, readPackets, writePacket, type Packet } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import { logKeysFromPemFile } from '../../src/tlog/log-key.ts';
import type { TrustedLog } from '../../src/trust/trusted-log.ts';
import { loadBuiltInRoot } from '../../src/trust/public-good.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate, ...others] = readCertificates(bytes);
  expect(others).toEqual([]);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

/** The file of a signer's key, made of these copies of it. */
function fileOf(signer: TestSigner, copies: readonly Uint8Array[], present?: Uint8Array): Uint8Array {
  const keys = new KeptKeys();
  for (const copy of copies) keys.add(certificateIn(copy), signer.signingFingerprint);
  return keys.fileOf(signer.fingerprint, present);
}

function tagsIn(file: Uint8Array): number[] {
  return [...readPackets(decodeKeyArmor(file))].map(({ tag }) => tag);
}

/** What a key server adds to a certificate: a photo, and what a neighbour says. */
async function decorated(signer: TestSigner): Promise<Uint8Array> {
  const neighbour = await createSigner();
  const packets: Packet[] = [];
  for (const packet of readPackets(signer.certificate)) {
    packets.push(packet);
    if (packet.tag !== packetTag.userId) continue;
    const over = { ...signer.signedKey(), userID: { write: () => packet.body } };
    const kind = signatureType.positiveCertification;
    packets.push(...readPackets(await neighbour.certify(kind, over, KEY_CREATED, {})));
  }
  packets.push({ tag: packetTag.userAttribute, body: Buffer.from('\x08\x01photo!!') });
  return Buffer.concat(packets.map(writePacket));
}

describe('of a key that counted the mirror keeps', () => {
  it('what its own signatures say, without photos and the words of others', async () => {
    const signer = await createSigner();
    const file = fileOf(signer, [await decorated(signer)]);
    expect(Buffer.from(file).toString()).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n/);
    expect(tagsIn(file)).toEqual([packetTag.publicKey, packetTag.userId, packetTag.signature]);
    expect(certificateIn(decodeKeyArmor(file)).primary.fingerprint).toBe(signer.fingerprint);
  });

  it('the subkey that signed, with its binding', async () => {
    const signer = await createSigner({ subkey: {} });
    const { subkeys } = certificateIn(decodeKeyArmor(fileOf(signer, [signer.certificate])));
    expect(subkeys.map(({ key }) => key.fingerprint)).toEqual([signer.signingFingerprint]);
    expect(subkeys[0]?.signatures).toHaveLength(1);
  });

  it('no subkey, where the primary key signed', async () => {
    const signer = await createSigner({ subkey: {} });
    const keys = new KeptKeys();
    keys.add(certificateIn(signer.certificate), signer.fingerprint);
    expect(certificateIn(decodeKeyArmor(keys.fileOf(signer.fingerprint))).subkeys).toEqual([]);
  });

  it('every revocation, also one that nobody can read', async () => {
    const signer = await createSigner({ subkey: {} });
    const revoked = await signer.certificateWith({
      revocations: [{ at: KEY_CREATED + DAY, reason: 1 }],
      subkeyRevocations: [{ at: KEY_CREATED + DAY, reason: 3 }],
    });
    // A revocation of a version that nobody knows.
    const odd = writePacket({ tag: packetTag.signature, body: Buffer.of(9, signatureType.keyRevocation) });
    const [primary = new Uint8Array(), ...others] = [...readPackets(revoked)].map(writePacket);
    const kept = certificateIn(decodeKeyArmor(fileOf(signer, [Buffer.concat([primary, odd, ...others])])));
    expect(kept.revocations).toHaveLength(2);
    expect(kept.subkeys[0]?.revocations).toHaveLength(1);
  });

  it('the same bytes, in whatever order copies come', async () => {
    const signer = await createSigner({ userIds: ['Jo <jo@charts.example>', 'Jo <jo@home.example>'] });
    const renewed = await signer.certificateWith({ selfSignatures: [{ at: KEY_CREATED + DAY }] });
    const copies = [signer.certificate, renewed];
    expect(fileOf(signer, copies)).toEqual(fileOf(signer, [...copies].reverse()));
    expect(tagsIn(fileOf(signer, copies))).toHaveLength(7);
  });
});

describe('with the file of a key that is there already', () => {
  it('a revocation that was known stays known, and nothing changes a second time', async () => {
    const signer = await createSigner();
    const revocations = [{ at: KEY_CREATED + DAY, reason: 1 }];
    const before = fileOf(signer, [await signer.certificateWith({ revocations })]);
    const after = fileOf(signer, [signer.certificate], before);
    expect(certificateIn(decodeKeyArmor(after)).revocations).toHaveLength(1);
    expect(fileOf(signer, [signer.certificate], after)).toEqual(after);
  });

  it.each(['a key of somebody else', 'no key', 'a damaged one'])('%s in it is left out', async (what) => {
    const signer = await createSigner();
    const clean = fileOf(signer, [signer.certificate]);
    const other = await createSigner();
    const present = {
      'a key of somebody else': other.armored,
      'no key': 'hello',
      'a damaged one': Buffer.from(clean)
        .toString()
        .replace(/\n=.*\n/, '\n=AAAA\n'),
    }[what];
    expect(fileOf(signer, [signer.certificate], Buffer.from(present ?? ''))).toEqual(clean);
  });
});

it('the file of a key is named by its fingerprint', async () => {
  const signer = await createSigner();
  const keys = new KeptKeys();
  keys.add(certificateIn(signer.certificate), signer.fingerprint);
  keys.add(certificateIn(signer.certificate), signer.fingerprint);
  expect(keys.fingerprints).toEqual([signer.fingerprint]);
  expect(keyPath(signer.fingerprint)).toBe(`keys/${signer.fingerprint.toUpperCase()}.asc`);
});

describe('of the keys by which a log was believed the mirror keeps', () => {
  const keys = [newLogKeys['P-256']().key, newLogKeys['P-384']().key, newLogKeys['Ed25519']().key];
  const log = (kind: TrustedLog['source']['kind']): TrustedLog => ({
    url: 'https://rekor.example.com',
    keys: keys.map((key, number) => ({
      ...key,
      validFrom: 1_600_000_000 + number,
      ...(number === 1 && { validUntil: 1_700_000_000 }),
    })),
    source: { kind, detail: '' },
  });
  const counted = new Set([keys[0]?.logId ?? '']);

  it.each(['public-key-file', 'pin'] as const)('those that counted, named by their log ID: %s', (kind) => {
    const [file, ...others] = keyFiles(log(kind), counted);
    expect(others).toEqual([]);
    expect(file?.path).toBe(`trust/${keys[0]?.logId ?? ''}.pem`);
    const [key] = logKeysFromPemFile(Buffer.from(file?.bytes ?? []).toString());
    expect(key?.logId).toBe(keys[0]?.logId);
  });

  it.each(['trusted-root', 'built-in', 'refreshed'] as const)('none of its own of a root: %s', (kind) => {
    expect(keyFiles(log(kind), counted)).toEqual([]);
    expect(isOfRoot(log(kind))).toBe(true);
  });

  it('that root, whole: who certifies identities and times goes along', async () => {
    const { trustedRoot } = await loadBuiltInRoot();
    const { path, bytes } = rootFile(trustedRoot);
    expect(path).toBe('trust/trusted_root.json');
    expect(parseJson(bytes)).toEqual(trustedRoot);
    expect(parseSigstoreTrust(parseJson(bytes)).certificateAuthorities.length).toBeGreaterThan(0);
  });

  it('nothing, where the log itself gave its key: nobody vouches for it', () => {
    expect(keyFiles(log('first-use'), counted)).toEqual([]);
    for (const kind of ['first-use', 'public-key-file', 'pin'] as const)
      expect(isOfRoot(log(kind))).toBe(false);
  });
});
