import { encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { KeyPacket } from './key-packet.ts';
import { Octets } from './octets.ts';
import { readSignatureHeader, type SignatureHeader } from './signature-header.ts';
import {
  readSubpackets,
  subpacketType,
  unknownCritical,
  writeSubpackets,
  type Subpacket,
} from './subpackets.ts';

/** Signature types. RFC 9580 5.2.1. */
export const signatureType = {
  binary: 0x00,
  text: 0x01,
  genericCertification: 0x10,
  positiveCertification: 0x13,
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** A signature packet. Of the area that is not signed, only issuer and back signature are read. RFC 9580 5.2.3. */
export type SignaturePacket = Pick<ParsedSignature, keyof ParsedSignature>;

/** What is read again when it is asked for, as most signatures are never looked at. */
export interface SignatureParts {
  /** The body up to the area that is not signed. */
  readonly signed: Uint8Array;
  /** The area that is not signed. */
  readonly unhashed: readonly Subpacket[];
  /** What follows the areas. */
  readonly rest: Uint8Array;
}

/**
 * The fields of a signature packet.
 * @throws MalformedError on any version but 4 and 6, and on fields that do not fit. RFC 9580 5.2.3.
 */
export function parseSignaturePacket(body: Uint8Array): SignaturePacket {
  return new ParsedSignature(body);
}

/** The parts of a signature. */
export function partsOf({ body }: Pick<SignaturePacket, 'body'>): SignatureParts {
  const { signed, unsignedArea, rest } = readSignatureHeader(body);
  return { signed, unhashed: readSubpackets(unsignedArea), rest };
}

/** Whether the signature says that this key made it: by fingerprint if it has one, else by key ID. */
export function isIssuedBy(signature: SignaturePacket, key: KeyPacket): boolean {
  if (signature.issuerFingerprint !== undefined) return signature.issuerFingerprint === key.fingerprint;
  return signature.issuerKeyId === key.keyId;
}

/** Whether the signature binds a user ID to the key that made it, or to another's key (types 0x10 to 0x13). */
export function isCertification({ type }: SignaturePacket): boolean {
  return type >= signatureType.genericCertification && type <= signatureType.positiveCertification;
}

/** Whether there are key flags and they allow to sign data. RFC 9580 5.2.3.29. */
export function allowsSigning({ keyFlags = 0 }: SignaturePacket): boolean {
  return (keyFlags & 0x02) !== 0;
}

/** The signature with the latest creation time, the first of equals. */
export function newest(signatures: readonly SignaturePacket[]): SignaturePacket | undefined {
  return signatures.reduce<SignaturePacket | undefined>(
    (best, next) => (best === undefined || (next.created ?? 0) > (best.created ?? 0) ? next : best),
    undefined,
  );
}

/** Body of the packet with another content of the area that is not signed. */
export function withUnhashedArea(signature: SignaturePacket, subpackets: readonly Subpacket[]): Uint8Array {
  const area = writeSubpackets(subpackets);
  const length = Buffer.alloc(signature.version === 4 ? 2 : 4);
  length.writeUIntBE(area.length, 0, length.length);
  const { signed, rest } = partsOf(signature);
  return Buffer.concat([signed, length, area, rest]);
}

/** A flooded certificate has ten thousand: field by field they cost a tenth of what spread objects cost. */
class ParsedSignature {
  readonly version: SignatureHeader['version'];
  readonly type: number;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  /** Seconds since 1970; `undefined` if the time is not in the signed area. */
  readonly created: number | undefined;
  /** Seconds after `created`. */
  readonly expiresAfter: number | undefined;
  readonly issuerFingerprint: string | undefined;
  readonly issuerKeyId: string | undefined;
  /** Seconds after the creation of the key that the signature is about. */
  readonly keyExpiresAfter: number | undefined;
  /** First octet of the key flags. RFC 9580 5.2.3.29. */
  readonly keyFlags: number | undefined;
  readonly primaryUserId: boolean;
  readonly exportable: boolean;
  /** Code of the reason for revocation. RFC 9580 5.2.3.31. */
  readonly revocationReason: number | undefined;
  /** Fingerprints of the designated revokers that the signature names. RFC 9580 5.2.3.23. */
  readonly revocationKeys: readonly string[];
  /** Bodies of the embedded signature packets, signed and unsigned. RFC 9580 5.2.3.34. */
  readonly backSignatures: readonly Uint8Array[];
  /** Critical subpackets that this program does not know: do not rely on such a signature. */
  readonly unknownCritical: readonly string[];

  constructor(readonly body: Uint8Array) {
    const header = readSignatureHeader(body);
    const hashed = readSubpackets(header.signedArea);
    const unhashed = readSubpackets(header.unsignedArea);
    // The last of several subpackets of one type counts, and what is signed before what is not.
    const last = (type: number): Uint8Array | undefined => lastOf(hashed, type);
    const hint = (type: number): Uint8Array | undefined => last(type) ?? lastOf(unhashed, type);
    this.version = header.version;
    this.type = header.type;
    this.publicKeyAlgorithm = header.publicKeyAlgorithm;
    this.hashAlgorithm = header.hashAlgorithm;
    this.created = numberIn(last(subpacketType.created));
    this.expiresAfter = numberIn(last(subpacketType.expiresAfter)) || undefined;
    this.issuerFingerprint = fingerprintIn(hint(subpacketType.issuerFingerprint));
    this.issuerKeyId = keyIdIn(hint(subpacketType.issuerKeyId));
    this.keyExpiresAfter = numberIn(last(subpacketType.keyExpiresAfter)) || undefined;
    this.keyFlags = last(subpacketType.keyFlags)?.[0];
    this.primaryUserId = (last(subpacketType.primaryUserId)?.[0] ?? 0) !== 0;
    this.exportable = (last(subpacketType.exportable)?.[0] ?? 1) !== 0;
    this.revocationReason = last(subpacketType.revocationReason)?.[0];
    this.revocationKeys = orNone(
      hashed.filter(isRevocationKey).map(({ data }) => encodeHex(data.subarray(2))),
    );
    this.backSignatures = orNone(
      [...hashed, ...unhashed].filter(isEmbeddedSignature).map(({ data }) => data),
    );
    this.unknownCritical = orNone(unknownCritical(hashed));
  }
}

/** One list for all that are empty. */
const NONE: readonly never[] = [];

function orNone<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : list;
}

function lastOf(subpackets: readonly Subpacket[], wanted: number): Uint8Array | undefined {
  return subpackets.findLast(({ type }) => type === wanted)?.data;
}

function numberIn(data: Uint8Array | undefined): number | undefined {
  if (data === undefined) return undefined;
  if (data.length !== 4) throw new MalformedError('a signature packet has a time that is not of four octets');
  return new Octets(data, 'signature packet').number(4);
}

function fingerprintIn(data: Uint8Array | undefined): string | undefined {
  if (data === undefined) return undefined;
  if (data.length !== 21 && data.length !== 33)
    throw new MalformedError('a signature packet has an issuer fingerprint of a wrong length');
  return encodeHex(data.subarray(1));
}

function keyIdIn(data: Uint8Array | undefined): string | undefined {
  if (data === undefined) return undefined;
  if (data.length !== 8)
    throw new MalformedError('a signature packet has a key ID that is not of eight octets');
  return encodeHex(data);
}

function isEmbeddedSignature({ type }: Subpacket): boolean {
  return type === subpacketType.embeddedSignature;
}

function isRevocationKey({ type, data }: Subpacket): boolean {
  return type === subpacketType.revocationKey && data.length === 22 && ((data[0] ?? 0) & 0x80) !== 0;
}
