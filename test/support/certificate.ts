import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { oid, sequence, tlv } from './der.ts';

/** A certificate (RFC 5280) and the key that it is for. */
export interface Certified {
  readonly certificate: Buffer;
  readonly key: KeyObject;
  readonly commonName: string;
}

/** What is written into a certificate. */
export interface CertificateOptions {
  readonly commonName: string;
  /** Whose signature it gets; by default its own. */
  readonly issuer?: Certified;
  /** Of P-384 by default. A public one will do where somebody else issues. */
  readonly key?: KeyObject;
  /** When it begins and ends to be valid: seconds since 1970, of years before 2050. */
  readonly validFor: readonly [start: number, end: number];
  /** Made by {@link extensions}. */
  readonly extensions: readonly Buffer[];
}

/** Signs a certificate with ECDSA, P-384 or smaller, and SHA-384. */
export function issueCertificate(options: CertificateOptions): Certified {
  const key = options.key ?? generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const { commonName, issuer, validFor, extensions } = options;
  const ecdsaWithSha384 = sequence(oid('1.2.840.10045.4.3.3'));
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ecdsaWithSha384,
    nameOf(issuer?.commonName ?? commonName),
    sequence(...validFor.map(utcTime)),
    nameOf(commonName),
    publicKey.export({ format: 'der', type: 'spki' }),
    tlv(0xa3, sequence(subjectKeyId(publicKey), ...(issuer ? [authorityKeyId(issuer)] : []), ...extensions)),
  );
  const signature = sign('sha384', body, issuer?.key ?? key);
  const certificate = sequence(body, ecdsaWithSha384, tlv(0x03, Buffer.of(0), signature));
  return { certificate, key, commonName };
}

/** An extension, of its identifier and the DER of its value. */
function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.of(0xff))] : []), tlv(0x04, value));
}

/** The extensions that certificates of Sigstore have. */
export const extensions = {
  authority: (pathLength: number) =>
    extension('2.5.29.19', sequence(tlv(0x01, Buffer.of(0xff)), tlv(0x02, Buffer.of(pathLength))), true),
  signsCertificates: () => extension('2.5.29.15', tlv(0x03, Buffer.of(1, 0x06)), true),
  signsData: () => extension('2.5.29.15', tlv(0x03, Buffer.of(7, 0x80)), true),
  codeSigning: () => extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.3'))),
  email: (address: string) => extension('2.5.29.17', sequence(tlv(0x81, Buffer.from(address))), true),
  uri: (uri: string) => extension('2.5.29.17', sequence(tlv(0x86, Buffer.from(uri))), true),
  /** Who vouches for the identity: 1.3.6.1.4.1.57264.1.8. */
  issuer: (url: string) => extension('1.3.6.1.4.1.57264.1.8', tlv(0x0c, Buffer.from(url))),
};

/** An authority for the certificates of signers, as Fulcio has one: a root, and the intermediate that issues. */
export interface SignersAuthority {
  readonly root: Certified;
  readonly intermediate: Certified;
}

/** A new one, valid from an hour before until some years after a time in seconds since 1970. */
export function newSignersAuthority(now: number): SignersAuthority {
  const validFor = [now - 3600, now + 5 * 365 * 86_400] as const;
  const root = issueCertificate({
    commonName: 'test root',
    validFor,
    extensions: [extensions.authority(1), extensions.signsCertificates()],
  });
  const intermediate = issueCertificate({
    commonName: 'test intermediate',
    issuer: root,
    validFor,
    extensions: [extensions.authority(0), extensions.signsCertificates(), extensions.codeSigning()],
  });
  return { root, intermediate };
}

function nameOf(commonName: string): Buffer {
  const attributes = [
    ['2.5.4.10', 'sigstore.test'],
    ['2.5.4.3', commonName],
  ] as const;
  return sequence(
    ...attributes.map(([id, value]) => tlv(0x31, sequence(oid(id), tlv(0x0c, Buffer.from(value))))),
  );
}

function subjectKeyId(publicKey: KeyObject): Buffer {
  return extension('2.5.29.14', tlv(0x04, keyId(publicKey)));
}

function authorityKeyId({ key }: Certified): Buffer {
  return extension('2.5.29.35', sequence(tlv(0x80, keyId(createPublicKey(key)))));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
}

function utcTime(seconds: number): Buffer {
  const digits = new Date(seconds * 1000).toISOString().replace(/\.[0-9]{3}|[-:T]/g, '');
  return tlv(0x17, Buffer.from(digits.slice(2)));
}
