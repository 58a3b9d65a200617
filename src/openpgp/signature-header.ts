import { MalformedError } from '../errors.ts';
import { Octets } from './octets.ts';

/** The parts of a signature packet of version 4 or 6, its subpackets not read. RFC 9580 5.2.3. */
export interface SignatureHeader {
  readonly version: 4 | 6;
  readonly type: number;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  /** The body up to the area that is not signed. */
  readonly signed: Uint8Array;
  readonly signedArea: Uint8Array;
  readonly unsignedArea: Uint8Array;
  /** What follows the areas: first octets of the digest, salt of version 6, and the signature itself. */
  readonly rest: Uint8Array;
}

/**
 * The parts of a signature packet.
 * @throws MalformedError on any version but 4 and 6, and where an area is longer than the packet
 */
export function readSignatureHeader(body: Uint8Array): SignatureHeader {
  const octets = new Octets(body, 'signature packet');
  const version = octets.number(1);
  if (version !== 4 && version !== 6)
    throw new MalformedError(`expected a signature packet of version 4 or 6, found version ${version}`);
  const lengthOctets = version === 4 ? 2 : 4;
  const type = octets.number(1);
  const publicKeyAlgorithm = octets.number(1);
  const hashAlgorithm = octets.number(1);
  const signedArea = octets.take(octets.number(lengthOctets));
  const signed = body.subarray(0, octets.position);
  const unsignedArea = octets.take(octets.number(lengthOctets));
  const rest = octets.rest();
  return { version, type, publicKeyAlgorithm, hashAlgorithm, signed, signedArea, unsignedArea, rest };
}

/** What is hashed of the signature itself, after what it is made over. RFC 9580 5.2.4. */
export function hashedPart({ version, signed }: Pick<SignatureHeader, 'version' | 'signed'>): Uint8Array {
  const trailer = Buffer.of(version, 0xff, 0, 0, 0, 0);
  trailer.writeUInt32BE(signed.length, 2);
  return Buffer.concat([signed, trailer]);
}
