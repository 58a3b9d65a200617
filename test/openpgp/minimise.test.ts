import { beforeAll, describe, expect, it } from 'vitest';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { mergeCertificates } from '../../src/openpgp/merged-certificate.ts';
import { minimiseCertificate, type MinimisedCertificate } from '../../src/openpgp/minimise.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { parseSignaturePacket, signatureType, withUnhashedArea } from '../../src/openpgp/signature-packet.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { CHART_SIGNED, createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

let signer: TestSigner;
let withSubkey: TestSigner;
beforeAll(async () => {
  signer = await createSigner();
  withSubkey = await createSigner({ subkey: {} });
});

describe('a minimised certificate', () => {
  it('is the same whatever else the copy at hand carries', async () => {
    const plain = await minimised(withSubkey, withSubkey.certificate);
    const carrying = await withSubkey.certificateWith({
      selfSignatures: [{}, { at: CHART_SIGNED + 1 }],
      bindings: [{}, { at: CHART_SIGNED + 1 }],
      revocations: [{ at: CHART_SIGNED + DAY, reason: 3 }],
      subkeyRevocations: [{ at: CHART_SIGNED + DAY, reason: 3 }],
      revoker: signer.fingerprint,
    });
    expect(await minimised(withSubkey, carrying)).toEqual(plain);
    expect(plain).toEqual({
      bytes: withSubkey.certificate,
      userId: 'Test Publisher <publisher@charts.example>',
    });
  });

  it('of a primary key that signed has no subkey, and a flag to sign', async () => {
    await expect(minimised(withSubkey, withSubkey.certificate, withSubkey.fingerprint)).rejects.toThrow(
      'no self-signature from before the signature that would allow it to sign',
    );
    const flagged = await withSubkey.certificateWith({ selfSignatures: [{ flags: 3 }] });
    const { bytes } = await minimised(withSubkey, flagged, withSubkey.fingerprint);
    expect([...readPackets(bytes)].map(({ tag }) => tag)).toEqual([6, 13, 2]);
  });

  it('has the newest self-signature that is not younger than the signature', async () => {
    const all = [KEY_CREATED, CHART_SIGNED, CHART_SIGNED + 1].map((at) => ({ at }));
    const chosen = await signer.certificateWith({ selfSignatures: [{ at: CHART_SIGNED }] });
    const copies = await Promise.all(
      all.map(async (self) => certificateIn(await signer.certificateWith({ selfSignatures: [self] }))),
    );
    const [first, ...others] = copies;
    if (first === undefined) throw new Error('no copies');
    const merged = mergeCertificates([first, ...others]);
    expect(minimiseCertificate(merged, await signatureOf(signer), signer.fingerprint)).toMatchObject({
      bytes: chosen,
    });
  });

  it('has the user ID that is marked as primary, else the one certified last, else the one of smaller bytes', async () => {
    const three = await createSigner({ userIds: ['B', 'A', 'C'] });
    expect(await minimised(three, three.certificate)).toMatchObject({ userId: 'A' });
    const recertified = await recertify(three, 'C', { keyFlags: [3] }, KEY_CREATED + DAY);
    expect(await minimised(three, recertified)).toMatchObject({ userId: 'C' });
    const marked = await recertify(three, 'B', { keyFlags: [3], isPrimaryUserID: true }, KEY_CREATED + DAY);
    const both = await recertify(three, 'C', { keyFlags: [3] }, KEY_CREATED + 2 * DAY, marked);
    expect(await minimised(three, both)).toMatchObject({ userId: 'B' });
  });

  it('has no user ID that is revoked, not exportable, or without the flag to sign', async () => {
    const two = await createSigner({ userIds: ['A', 'B'] });
    for (const [type, fields] of [
      [signatureType.certificationRevocation, {}],
      [signatureType.positiveCertification, { keyFlags: [1] }],
    ] as const)
      expect(
        await minimised(two, await recertify(two, 'A', fields, KEY_CREATED + DAY, two.certificate, type)),
      ).toMatchObject({ userId: 'B' });
    const local = await recertify(two, 'B', { keyFlags: [3], exportable: false }, KEY_CREATED + DAY);
    expect([...readPackets((await minimised(two, local)).bytes)]).toEqual([
      ...readPackets((await minimised(two, two.certificate)).bytes),
    ]);
  });

  it('keeps of what is not signed only issuer and back signature', async () => {
    const added = { type: 100, critical: false, data: Buffer.from('added by a key server') };
    const packets = [...readPackets(signer.certificate)].map(({ tag, body }) =>
      tag === 2 ? { tag, body: withUnhashedArea(parseSignaturePacket(body), [added]) } : { tag, body },
    );
    const dirty = Buffer.concat(packets.map(writePacket));
    expect(await minimised(signer, dirty)).toEqual(await minimised(signer, signer.certificate));
  });

  it('is refused when the only self-signature or binding is younger than the signature', async () => {
    const late = { at: CHART_SIGNED + 1 };
    await expect(minimised(signer, await signer.certificateWith({ selfSignatures: [late] }))).rejects.toThrow(
      'no self-signature from before the signature',
    );
    await expect(
      minimised(withSubkey, await withSubkey.certificateWith({ bindings: [late] })),
    ).rejects.toThrow('no binding from before the signature');
  });
});

async function signatureOf(by: TestSigner) {
  return parseProvenance(await by.sign('app', '1.0.0', Buffer.from('archive'))).signature;
}

async function minimised(
  by: TestSigner,
  bytes: Uint8Array,
  fingerprint = by.signingFingerprint,
): Promise<MinimisedCertificate> {
  const result = minimiseCertificate(certificateIn(bytes), await signatureOf(by), fingerprint);
  if ('refused' in result) throw new Error(result.refused);
  return { ...result, bytes: Buffer.from(result.bytes) };
}

/** The certificate with one more signature by its key on one of its user IDs. */
async function recertify(
  by: TestSigner,
  userId: string,
  fields: object,
  at: number,
  certificate = by.certificate,
  type: number = signatureType.positiveCertification,
): Promise<Uint8Array> {
  const body = Buffer.from(userId);
  const signature = await by.certify(type, { ...by.signedKey(), userID: { write: () => body } }, at, fields);
  const packets = [...readPackets(certificate)];
  const after = packets.findIndex((packet) => packet.tag === 13 && body.equals(packet.body)) + 1;
  const written = packets.map(writePacket);
  return Buffer.concat([...written.slice(0, after), signature, ...written.slice(after)]);
}

function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}
