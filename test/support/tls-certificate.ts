import { generateKeyPairSync, sign } from 'node:crypto';
import { generalizedTime, oid, pem, sequence, tlv } from './der.ts';

/** A key and its self-signed certificate, in PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** A fresh self-signed certificate (RFC 5280) for 127.0.0.1, or for this name; no authority vouches for it. */
export function selfSignedCertificate(host?: string): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
  const name = sequence(
    tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(`test of ${host ?? 'loopback'}`)))),
  );
  const alternativeName =
    host === undefined ? tlv(0x87, Buffer.of(127, 0, 0, 1)) : tlv(0x82, Buffer.from(host));
  const isAuthority = sequence(tlv(0x01, Buffer.of(0xff)));
  const extensions = sequence(
    sequence(oid('2.5.29.17'), tlv(0x04, sequence(alternativeName))),
    sequence(oid('2.5.29.19'), tlv(0x01, Buffer.of(0xff)), tlv(0x04, isAuthority)),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    name,
    sequence(generalizedTime('20200101000000Z'), generalizedTime('29991231235959Z')),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    tlv(0xa3, extensions),
  );
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]);
  const certificate = sequence(body, ecdsaWithSha256, tlv(0x03, signature));
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: pem('CERTIFICATE', certificate),
  };
}
