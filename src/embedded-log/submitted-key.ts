import { sha256Hex } from '../digest.ts';
import { encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { decodeKeyArmor, encodeArmor } from '../openpgp/armor.ts';
import { emailOf, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { serializeCertificate } from '../openpgp/whole-certificate.ts';
import { UnacceptableEntry } from './proposed-entry.ts';

/** The OpenPGP keys that came with a request. */
export interface SubmittedKey {
  readonly certificates: readonly Certificate[];
  /** Their packets as they go into an entry. */
  readonly bytes: Uint8Array;
}

/**
 * The certificates in armored or binary content, one or more.
 * @throws UnacceptableEntry when there are none
 */
export function parseSubmittedKey(content: Uint8Array): SubmittedKey {
  const certificates = parse(content);
  if (certificates.length === 0) throw new UnacceptableEntry('no PGP public keys could be read');
  return { certificates, bytes: Buffer.concat(certificates.map(serializeCertificate)) };
}

/** What a search finds an entry with this key by: the digest of the armored key, and its e-mail addresses. */
export function keyIndexKeys({ bytes }: SubmittedKey): string[] {
  // Read again, because user IDs that nobody vouches for were left out.
  const userIds = readCertificates(bytes).flatMap((certificate) => certificate.userIds);
  return [keyDigest({ bytes }), ...userIds.flatMap(({ text }) => emailOf(text) ?? [])];
}

/** SHA-256 (hexadecimal) of the key as it goes into an entry, armored. */
export function keyDigest({ bytes }: Pick<SubmittedKey, 'bytes'>): string {
  return sha256Hex(encodeUtf8(encodeArmor('PGP PUBLIC KEY BLOCK', bytes)));
}

function parse(content: Uint8Array): Certificate[] {
  const start = Buffer.from(content.subarray(0, 64)).toString('latin1');
  const armored = start.startsWith('-----BEGIN PGP');
  if (armored && !/^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/.test(start))
    throw new UnacceptableEntry('invalid PGP type detected');
  if (!armored && ((content[0] ?? 0) & 0x80) === 0)
    throw new UnacceptableEntry(
      'error reading binary PGP public key: openpgp: invalid data: tag byte does not have MSB set',
    );
  try {
    return readCertificates(armored ? decodeKeyArmor(content) : content);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnacceptableEntry(
      `error reading ${armored ? 'armored' : 'binary'} PGP public key: openpgp: invalid data: ${error.message}`,
    );
  }
}
