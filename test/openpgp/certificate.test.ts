import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { emailOf, readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { mergeCertificates } from '../../src/openpgp/merged-certificate.ts';
import { fingerprintOf, parseKeyPacket } from '../../src/openpgp/key-packet.ts';
import { packetTag, readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { parseSignaturePacket, partsOf, withUnhashedArea } from '../../src/openpgp/signature-packet.ts';
import { serializeCertificate } from '../../src/openpgp/whole-certificate.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { runs } from '../support/property.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

let signer: TestSigner;
beforeAll(async () => {
  signer = await createSigner({ subkey: {}, userIds: ['A <a@charts.example>', 'B <b@charts.example>'] });
});

describe('a certificate', () => {
  it('is read with its user IDs and subkeys, and written as it was', () => {
    const certificate = certificateIn(signer.certificate);
    expect(certificate.primary.fingerprint).toBe(signer.fingerprint);
    expect(certificate.userIds.map(({ text }) => text)).toEqual([
      'A <a@charts.example>',
      'B <b@charts.example>',
    ]);
    expect(certificate.subkeys.map(({ key }) => key.fingerprint)).toEqual([signer.signingFingerprint]);
    expect(Buffer.from(serializeCertificate(certificate))).toEqual(signer.certificate);
  });

  it('is read without packets that do not parse and photos with their signatures', () => {
    const packets = [...readPackets(signer.certificate)].map(writePacket);
    const broken = [
      writePacket({ tag: packetTag.signature, body: Buffer.from('0413') }),
      writePacket({ tag: packetTag.publicSubkey, body: Buffer.from('04ffff', 'hex') }),
      writePacket({ tag: packetTag.userAttribute, body: Buffer.from('photo') }),
      packets[2],
    ].filter((packet) => packet !== undefined);
    const certificate = certificateIn(Buffer.concat([...packets, ...broken]));
    expect(Buffer.from(serializeCertificate(certificate))).toEqual(signer.certificate);
  });

  it('merged from several copies has every part of each, once', async () => {
    const changed = await signer.certificateWith({
      selfSignatures: [{ at: KEY_CREATED + DAY }],
      bindings: [{ at: KEY_CREATED + DAY }],
      revocations: [{ at: KEY_CREATED + DAY }],
    });
    const [one, two] = [certificateIn(signer.certificate), certificateIn(changed)];
    const merged = mergeCertificates([one, two, one, two]);
    expect(merged.signatures).toHaveLength(1);
    expect(merged.userIds.map(({ signatures }) => signatures.length)).toEqual([2, 2]);
    expect(merged.subkeys.map(({ signatures }) => signatures.length)).toEqual([2]);
    expect(mergeCertificates([one, one])).toEqual(one);
  });

  it('written whole has only the newest binding of a subkey, as Rekor stores it', async () => {
    const twice = await signer.certificateWith({ bindings: [{ at: KEY_CREATED + DAY }, {}] });
    const once = await signer.certificateWith({ bindings: [{ at: KEY_CREATED + DAY }] });
    expect(Buffer.from(serializeCertificate(certificateIn(twice)))).toEqual(once);
  });

  it('written whole has no user ID that its own key did not certify', async () => {
    const stranger = await createSigner();
    const packets = [...readPackets(signer.certificate)].map(writePacket);
    const [, , othersSignature] = [...readPackets(stranger.certificate)].map(writePacket);
    const foreign = [writePacket({ tag: packetTag.userId, body: Buffer.from('C') }), othersSignature].filter(
      (packet) => packet !== undefined,
    );
    const mixed = Buffer.concat([...packets.slice(0, 3), ...foreign, ...packets.slice(3)]);
    expect(Buffer.from(serializeCertificate(certificateIn(mixed)))).toEqual(signer.certificate);
  });

  it('no bytes make the reader fail in any other way, and none make a key that is not there', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (at, flip, cut) => {
        const bytes = Buffer.from(signer.certificate);
        bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ flip, at % bytes.length);
        const found = unlessMalformed(() => readCertificates(bytes.subarray(0, cut % (bytes.length + 1))));
        for (const { primary } of found ?? [])
          if (primary.fingerprint === signer.fingerprint)
            expect(primary.body).toEqual(certificateIn(signer.certificate).primary.body);
      }),
      runs(1000),
    );
  });
});

describe('a certificate with more than anybody needs', () => {
  const key = (): Uint8Array => writePacket([...readPackets(signer.certificate)][0] ?? expect.fail('no key'));
  const repeated = (packet: Uint8Array, times: number): Uint8Array =>
    Buffer.alloc(packet.length * times, packet);

  it.each<[string, () => Uint8Array, string]>([
    [
      '36,000 user IDs',
      () => repeated(writePacket({ tag: 13, body: Buffer.from('A') }), 36_000),
      '1000 user IDs',
    ],
    ['subkeys', () => repeated(writePacket({ tag: 14, body: Buffer.from('03') }), 1001), '1000 subkeys'],
    [
      'signatures',
      () => repeated(writePacket({ tag: 2, body: Buffer.from('04') }), 10_001),
      '10000 signatures',
    ],
    ['certificates beside it', () => repeated(signer.certificate, 1000), 'at most 1000 OpenPGP keys'],
  ])('is refused: %s', (_, more, message) => {
    const bytes = Buffer.concat([key(), more()]);
    expect(() => readCertificates(bytes)).toThrow(message);
  });
});

describe('key and signature packets', () => {
  it('no bytes make their readers fail in any other way', () => {
    const version = fc.constantFrom(3, 4, 5, 6);
    fc.assert(
      fc.property(
        version,
        fc.constantFrom(5, 6, 7, 14),
        fc.uint8Array({ maxLength: 80 }),
        (first, tag, rest) => {
          const body = Uint8Array.of(first, ...rest);
          const key = unlessMalformed(() => parseKeyPacket({ tag, body }));
          if (key !== undefined) expect(fingerprintOf({ tag, body })).toBe(key.fingerprint);
          const signature = unlessMalformed(() => parseSignaturePacket(body));
          if (signature !== undefined) expect(partsOf(signature).signed[0]).toBe(first);
        },
      ),
      runs(2000),
    );
  });

  it('an unsigned area is rewritten with the shortest lengths', () => {
    const [, , packet] = [...readPackets(signer.certificate)];
    const signature = parseSignaturePacket(packet?.body ?? new Uint8Array());
    for (const length of [1, 190, 191, 192, 16318, 16319]) {
      const subpacket = { type: 100, critical: false, data: Buffer.alloc(length) };
      const rewritten = withUnhashedArea(signature, [subpacket]);
      expect(partsOf(parseSignaturePacket(rewritten)).unhashed).toEqual([subpacket]);
      const lengthOctets = length + 1 < 192 ? 1 : length + 1 < 16320 ? 2 : 5;
      expect(rewritten.length - withUnhashedArea(signature, []).length).toBe(lengthOctets + 1 + length);
    }
  });
});

describe('the e-mail address of a user ID', () => {
  it.each([
    ['Name <name@charts.example>', 'name@charts.example'],
    ['Name (comment) <name@charts.example>', 'name@charts.example'],
    ['name@charts.example', 'name@charts.example'],
    ['Name', undefined],
    ['<a@b> <name@charts.example>', 'name@charts.example'],
    ['name@charts.example and more', undefined],
  ])('%s: %s', (userId, email) => {
    expect(emailOf(userId)).toBe(email);
  });
});

function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}
