import { createPublicKey, type KeyObject } from 'node:crypto';
import { requireSimpleDer } from '../simple-der.ts';
import { sha256Hex } from '../digest.ts';
import { decodeUtf8 } from '../encoding.ts';
import { MalformedError, messageOf } from '../errors.ts';
import { X509Certificate, type ASN1Obj } from './sigstore-parts.ts';

/** What a certificate of Fulcio says of the signer. It means something only when its chain was verified. */
export interface SigningCertificate {
  readonly publicKey: KeyObject;
  /** The one name that it certifies. */
  readonly identity: { readonly kind: 'uri' | 'email' | 'other'; readonly value: string };
  /** Who vouched for that name: the URL of an OpenID Connect issuer. */
  readonly issuer: string;
  /** The repository whose code was built, if it is that of a workflow. */
  readonly sourceRepository?: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether it may sign code, and nobody can issue certificates with it. */
  readonly isForCode: boolean;
}

const OIDS = {
  alternativeName: '2.5.29.17',
  extendedUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  issuer: '1.3.6.1.4.1.57264.1.8',
  oldIssuer: '1.3.6.1.4.1.57264.1.1',
  sourceRepository: '1.3.6.1.4.1.57264.1.12',
} as const;

/** Bytes. The library makes text of each one whenever it looks for an extension. */
const MAX_OID = 64;

/**
 * What a certificate says (RFC 5280; Fulcio's OIDs).
 * @throws MalformedError if it cannot be read, names nobody or several, says things twice, or has no issuer
 */
export function readCertificate(der: Uint8Array): SigningCertificate {
  requireSimpleDer(der);
  try {
    return read(X509Certificate.parse(Buffer.from(der)));
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    // Its reader throws errors of many kinds.
    throw new MalformedError(`a certificate that cannot be read: ${messageOf(error)}`);
  }
}

/** The same: what the same bytes say is remembered, for the charts of one signer. */
export function rememberedCertificate(der: Uint8Array): SigningCertificate {
  const name = sha256Hex(der);
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  const said = readCertificate(der);
  if (KNOWN.size < MAX_KNOWN) KNOWN.set(name, said);
  return said;
}

const KNOWN = new Map<string, SigningCertificate>();
const MAX_KNOWN = 1000;

function read(certificate: X509Certificate): SigningCertificate {
  if (certificate.extensions.some(({ subs }) => (subs[0]?.value.length ?? 0) > MAX_OID))
    throw new MalformedError('an extension of the certificate whose name is too long');
  const oids = certificate.extensions.map(({ subs }) => subs[0]?.toOID() ?? '');
  if (new Set(oids).size !== oids.length)
    throw new MalformedError('a certificate that has an extension twice');
  const repository = textIn(certificate, OIDS.sourceRepository);
  return {
    publicKey: createPublicKey({ key: certificate.publicKey, format: 'der', type: 'spki' }),
    identity: identityIn(certificate),
    issuer: issuerIn(certificate),
    ...(repository !== undefined && { sourceRepository: repository }),
    notBefore: Math.floor(certificate.notBefore.getTime() / 1000),
    notAfter: Math.floor(certificate.notAfter.getTime() / 1000),
    isForCode:
      !certificate.isCA &&
      certificate.extKeyUsage?.digitalSignature === true &&
      sequenceIn(certificate, OIDS.extendedUsage).some((usage) => usage.toOID() === OIDS.codeSigning),
  };
}

function identityIn(certificate: X509Certificate): SigningCertificate['identity'] {
  const names = sequenceIn(certificate, OIDS.alternativeName);
  const [name] = names;
  if (name === undefined || names.length !== 1)
    throw new MalformedError(`expected one name in the certificate, found ${names.length}`);
  const { number } = name.tag;
  // RFC 5280 4.2.1.6: the tags of a GeneralName.
  if (name.tag.isContextSpecific(1)) return { kind: 'email', value: decodeUtf8(name.value) };
  if (name.tag.isContextSpecific(6)) return { kind: 'uri', value: decodeUtf8(name.value) };
  return { kind: 'other', value: `a name of type ${number}` };
}

/** The older extension holds bare text. Where both are there, they have to agree. */
function issuerIn(certificate: X509Certificate): string {
  const issuer = textIn(certificate, OIDS.issuer);
  const old = certificate.extension(OIDS.oldIssuer)?.value;
  const spelled = old && decodeUtf8(old);
  if (issuer === undefined && spelled === undefined)
    throw new MalformedError('a certificate that does not say who vouched for its name');
  if (issuer !== undefined && spelled !== undefined && issuer !== spelled)
    throw new MalformedError('a certificate that names two issuers of the identity');
  return issuer ?? spelled ?? '';
}

/** The UTF8String of an extension; undefined: there is none. */
function textIn(certificate: X509Certificate, oid: string): string | undefined {
  const extension = certificate.extension(oid);
  if (extension === undefined) return undefined;
  const [value] = extension.valueObj.subs;
  if (value === undefined || !value.tag.isUniversal() || value.tag.number !== UTF8_STRING)
    throw new MalformedError('an extension of the certificate that is no text');
  return decodeUtf8(value.value);
}

const UTF8_STRING = 0x0c;

/** The parts of the sequence in an extension; none if there is none. */
function sequenceIn(certificate: X509Certificate, oid: string): readonly ASN1Obj[] {
  return certificate.extension(oid)?.valueObj.subs[0]?.subs ?? [];
}
