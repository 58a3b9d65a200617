import { encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { Octets } from './octets.ts';
import { hashedPart, readSignatureHeader } from './signature-header.ts';
import { readLeadingSubpackets, subpacketType, type Subpacket } from './subpackets.ts';

/** What is read of a revocation. Nothing that is not signed decides anything in it. RFC 9580 5.2. */
export interface RevocationContent {
  readonly version: 3 | 4 | 6;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  /** What is hashed before the revoked object, and what is hashed after it. RFC 9580 5.2.4. */
  readonly hashedBefore: Uint8Array;
  readonly hashedAfter: Uint8Array;
  /** First octets of the digest, which are not signed. */
  readonly digestStart: Uint8Array;
  /** The numbers or octet strings of the algorithm, and whatever follows them. */
  readonly numbers: Uint8Array;
  /** The earliest time that is signed, in seconds since 1970. */
  readonly created: number | undefined;
  /** The codes of all reasons that are signed. RFC 9580 5.2.3.31. */
  readonly reasons: readonly number[];
  /** Fingerprints and key IDs, in hexadecimal, that name the issuer and are signed. */
  readonly issuers: readonly string[];
  /** Those that are not signed: they help to find the key, and decide nothing. */
  readonly hints: readonly string[];
}

/** What the body of a revocation says; `undefined` if it is of an unknown version, or is cut. */
export function readRevocationContent(body: Uint8Array): RevocationContent | undefined {
  try {
    if (isOldVersion(body[0])) return readOldContent(body);
    return readContent(body);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Of the old versions type and time are all that is signed beside the object. RFC 9580 5.2.2. */
export function isOldVersion(version: number | undefined): boolean {
  return version === 2 || version === 3;
}

function readOldContent(body: Uint8Array): RevocationContent {
  const octets = new Octets(body, 'signature packet');
  octets.take(1);
  if (octets.number(1) !== 5)
    throw new MalformedError('an old signature packet signs too much or too little');
  const hashedAfter = octets.take(5);
  const keyId = encodeHex(octets.take(8));
  const publicKeyAlgorithm = octets.number(1);
  const hashAlgorithm = octets.number(1);
  const created = new Octets(hashedAfter.subarray(1), 'signature packet').number(4);
  return {
    version: 3,
    publicKeyAlgorithm,
    hashAlgorithm,
    hashedBefore: new Uint8Array(),
    hashedAfter,
    digestStart: octets.take(2),
    numbers: octets.rest(),
    created,
    reasons: [],
    issuers: [],
    hints: [keyId],
  };
}

function readContent(body: Uint8Array): RevocationContent {
  const header = readSignatureHeader(body);
  const { version } = header;
  const { subpackets, isWhole } = readLeadingSubpackets(header.signedArea);
  const octets = new Octets(header.rest, 'signature packet');
  const digestStart = octets.take(2);
  const hashedBefore = version === 6 ? octets.take(octets.number(1)) : new Uint8Array();
  return {
    version,
    publicKeyAlgorithm: header.publicKeyAlgorithm,
    hashAlgorithm: header.hashAlgorithm,
    hashedBefore,
    hashedAfter: hashedPart(header),
    digestStart,
    numbers: octets.rest(),
    created: earliest(dataOf(subpackets, subpacketType.created)),
    // If the area cannot be read to its end, reasons are ignored: none may make the revocation a soft one.
    reasons: isWhole ? dataOf(subpackets, subpacketType.revocationReason).map(([code = 0]) => code) : [],
    issuers: isWhole ? issuersIn(subpackets) : [],
    hints: issuersIn(readLeadingSubpackets(header.unsignedArea).subpackets),
  };
}

function issuersIn(subpackets: readonly Subpacket[]): string[] {
  const fingerprints = dataOf(subpackets, subpacketType.issuerFingerprint)
    .filter(({ length }) => length === 21 || length === 33)
    .map((data) => encodeHex(data.subarray(1)));
  const keyIds = dataOf(subpackets, subpacketType.issuerKeyId).filter(({ length }) => length === 8);
  return [...fingerprints, ...keyIds.map(encodeHex)];
}

function dataOf(subpackets: readonly Subpacket[], wanted: number): Uint8Array[] {
  return subpackets.filter(({ type }) => type === wanted).map(({ data }) => data);
}

function earliest(times: readonly Uint8Array[]): number | undefined {
  const known = times.filter(({ length }) => length === 4);
  if (known.length === 0) return undefined;
  return Math.min(...known.map((data) => new Octets(data, 'signature packet').number(4)));
}
