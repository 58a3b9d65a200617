import { describe, expect, it } from 'vitest';
import { decodeArmor, decodeKeyArmor, encodeArmor } from '../../src/openpgp/armor.ts';
import { keysOf, readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { mergeCertificates } from '../../src/openpgp/merged-certificate.ts';
import { minimiseCertificate } from '../../src/openpgp/minimise.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import {
  isIssuedBy,
  parseSignaturePacket,
  type SignaturePacket,
} from '../../src/openpgp/signature-packet.ts';
import { serializeCertificate } from '../../src/openpgp/whole-certificate.ts';
import { entriesOf, exchange, exchanges, predictedUploads, recordedFile } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';

const KEY = 'PGP PUBLIC KEY BLOCK';
const SIGNATURE = 'PGP SIGNATURE';

describe.skipIf(!vectors)('what a real Rekor stored (needs the vectors)', () => {
  it.each(predictedUploads())('$chart: the minimised certificate was predicted to the byte', (upload) => {
    const certificate = certificateIn(recordedFile('keys', upload.key));
    const signature = signatureIn(recordedFile('charts', `${upload.chart}.prov`));
    const bytes = minimised(certificate, signature);
    expect(encodeArmor(KEY, bytes)).toBe(storedIn(Buffer.from(upload.canonicalBody, 'base64')).key);
    expect(withNewHeaders(Buffer.from(upload.minimisedCertificate, 'base64'))).toEqual(Buffer.from(bytes));
  });

  it('a whole certificate with an encryption subkey was predicted to the byte', () => {
    const [entry] = entriesOf(exchange('exchanges', 'create-subkey-whole-certificate'));
    const whole = serializeCertificate(certificateIn(recordedFile('keys', 'subkey.gpg')));
    expect(encodeArmor(KEY, whole)).toBe(storedIn(Buffer.from(entry?.body ?? '', 'base64')).key);
  });

  const created = exchanges('catalogue').filter(({ name }) => name.startsWith('create-201-'));
  it.each(created)('$name: the certificate that was sent is stored as we write it whole', (recorded) => {
    const sent = sentIn(recorded.request.body ?? '');
    const stored = storedIn(Buffer.from(entriesOf(recorded)[0]?.body ?? '', 'base64'));
    const copies = userIdOrders(certificateIn(decodeKeyArmor(sent.key)));
    expect(copies.map((copy) => encodeArmor(KEY, serializeCertificate(copy)))).toContain(stored.key);
    expect(encodeArmor(SIGNATURE, decodeArmor(SIGNATURE, armoredSignature(sent.provenance)))).toBe(
      stored.signature,
    );
  });

  const minimal = created.filter(({ name }) => !/two-signatures|two-uids-whole|retired-later/.test(name));
  it.each(minimal)('$name: minimising what was sent changes nothing', (recorded) => {
    const sent = sentIn(recorded.request.body ?? '');
    const certificate = certificateIn(decodeKeyArmor(sent.key));
    const bytes = minimised(certificate, signatureIn(sent.provenance));
    expect(Buffer.from(bytes)).toEqual(Buffer.from(serializeCertificate(certificate)));
  });

  it('of a renewed key only the self-signature from before the signature is taken, and without it the key is refused', () => {
    const signature = signatureIn(recordedFile('catalogue', 'charts', 'renewed-1.0.0.tgz.prov'));
    const keyFile = (name: string): Certificate =>
      certificateIn(decodeKeyArmor(recordedFile('catalogue', 'keys', `${name}.asc`)));
    const expected = serializeCertificate(keyFile('renewed-minimised'));
    expect(minimised(keyFile('renewed-merged'), signature)).toEqual(expected);
    expect(
      minimised(mergeCertificates([keyFile('renewed-after'), keyFile('renewed-before')]), signature),
    ).toEqual(expected);
    expect(() => minimised(keyFile('renewed-after'), signature)).toThrow('no self-signature from before');
  });
});

function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

function minimised(certificate: Certificate, signature: SignaturePacket): Uint8Array {
  const signer = keysOf(certificate).find((key) => isIssuedBy(signature, key));
  const result = minimiseCertificate(certificate, signature, signer?.fingerprint ?? '');
  if ('refused' in result) throw new Error(result.refused);
  return result.bytes;
}

function armoredSignature(provenance: Uint8Array): string {
  const text = Buffer.from(provenance).toString('latin1');
  return text.slice(text.indexOf('-----BEGIN PGP SIGNATURE-----'));
}

function signatureIn(provenance: Uint8Array): SignaturePacket {
  const [packet] = readPackets(decodeArmor(SIGNATURE, armoredSignature(provenance)));
  return parseSignaturePacket(packet?.body ?? new Uint8Array());
}

function withNewHeaders(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([...readPackets(bytes)].map(writePacket));
}

function userIdOrders(certificate: Certificate): Certificate[] {
  return [certificate, { ...certificate, userIds: certificate.userIds.toReversed() }];
}

function storedIn(body: Uint8Array): { key: string; signature: string } {
  const { spec } = JSON.parse(Buffer.from(body).toString()) as {
    spec: { publicKey: { content: string }; chart: { provenance: { signature: { content: string } } } };
  };
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return { key: text(spec.publicKey.content), signature: text(spec.chart.provenance.signature.content) };
}

function sentIn(request: string): { key: Uint8Array; provenance: Uint8Array } {
  const { spec } = JSON.parse(request) as {
    spec: { publicKey: { content: string }; chart: { provenance: { content: string } } };
  };
  return {
    key: Buffer.from(spec.publicKey.content, 'base64'),
    provenance: Buffer.from(spec.chart.provenance.content, 'base64'),
  };
}
