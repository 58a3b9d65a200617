import { sha256Hex } from '../../digest.ts';
import { encodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { decodeKeyArmor, encodeArmor } from '../../openpgp/armor.ts';
import { emailOf, readCertificates, type Certificate } from '../../openpgp/certificate.ts';
import { isPrimaryKey } from '../../openpgp/key-packet.ts';
import { PacketCursor, packetTag } from '../../openpgp/packets.ts';
import { serializeCertificate } from '../../openpgp/whole-certificate.ts';
import { countLines, LIMITS } from '../limits.ts';
import { UnacceptableEntry } from './proposed-entry.ts';

/** The OpenPGP keys that came with a request. */
export interface SubmittedKey {
  readonly certificates: readonly Certificate[];
  /** Their packets as they go into an entry. */
  readonly bytes: Uint8Array;
}

/**
 * The certificates in armored or binary content, one or more.
 * @throws UnacceptableEntry when it has no certificate
 */
export function parseSubmittedKey(content: Uint8Array): SubmittedKey {
  const certificates = parse(content);
  if (certificates.length === 0) throw new UnacceptableEntry('no PGP public keys could be read');
  return { certificates, bytes: Buffer.concat(certificates.map(serializeCertificate)) };
}

/** The search keys of an entry with this key: the digest of the armored key, and its e-mail addresses. */
export function keyIndexKeys({ bytes }: SubmittedKey): string[] {
  // Read again from `bytes`, which do not have the user IDs without a valid self-signature.
  const userIds = readCertificates(bytes).flatMap((certificate) => certificate.userIds);
  const emails = userIds.flatMap(({ text }) =>
    text.length > LIMITS.userIdLength ? [] : (emailOf(text) ?? []),
  );
  return [keyDigest({ bytes }), ...emails.filter(({ length }) => length <= LIMITS.emailLength)];
}

/** SHA-256 (hexadecimal) of the key as it goes into an entry, armored. */
export function keyDigest({ bytes }: Pick<SubmittedKey, 'bytes'>): string {
  return sha256Hex(encodeUtf8(encodeArmor('PGP PUBLIC KEY BLOCK', bytes)));
}

function parse(content: Uint8Array): Certificate[] {
  // Twice the limit, because armor is a third longer and has headers and white space.
  requireAtMost(2 * LIMITS.keyBytes, content.length, 'bytes of OpenPGP keys');
  const start = Buffer.from(content.subarray(0, 64)).toString('latin1');
  const armored = start.startsWith('-----BEGIN PGP');
  if (armored && !/^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/.test(start))
    throw new UnacceptableEntry('invalid PGP type detected');
  if (!armored && ((content[0] ?? 0) & 0x80) === 0)
    throw new UnacceptableEntry(
      'error reading binary PGP public key: openpgp: invalid data: tag byte does not have MSB set',
    );
  if (armored) requireAtMost(LIMITS.keyLines, countLines(content), 'lines of OpenPGP keys');
  try {
    const packets = armored ? decodeKeyArmor(content) : content;
    requireModest(packets);
    return readCertificates(packets);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnacceptableEntry(
      `error reading ${armored ? 'armored' : 'binary'} PGP public key: openpgp: invalid data: ${error.message}`,
    );
  }
}

/** Counts the packets before they are parsed. @throws MalformedError as `PacketCursor.next` does */
function requireModest(packets: Uint8Array): void {
  requireAtMost(LIMITS.keyBytes, packets.length, 'bytes of OpenPGP keys');
  let [all, certificates, userIds] = [0, 0, 0];
  for (const cursor = new PacketCursor(packets); cursor.next();) {
    all++;
    if (isPrimaryKey(cursor)) certificates++;
    else if (cursor.tag === packetTag.userId) userIds++;
  }
  requireAtMost(LIMITS.keyPackets, all, 'OpenPGP packets');
  requireAtMost(LIMITS.certificates, certificates, 'OpenPGP keys');
  requireAtMost(LIMITS.userIds, userIds, 'user IDs');
}

function requireAtMost(limit: number, found: number, what: string): void {
  if (found > limit) throw new UnacceptableEntry(`expected at most ${limit} ${what}, found ${found}`);
}
