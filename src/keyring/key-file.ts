import { MalformedError } from '../errors.ts';
import { decodeBlocks, KEY_BLOCKS, type ArmoredBlock } from '../openpgp/armor.ts';
import { isPrimaryKey } from '../openpgp/key-packet.ts';
import { isIgnored, PacketCursor } from '../openpgp/packets.ts';
import { inUtf8 } from '../user-text.ts';
import { describeDamage, describeForeignFile, ForeignFileError } from './foreign-file.ts';
import { isKeybox, scanKeybox } from './keybox.ts';
import { revocationAt, scanPackets, startsWithRevocation, type Ring } from './scan.ts';

/**
 * Finds the certificates in a file, whatever it is called: a GnuPG keybox, a binary keyring, or text with armored
 * key blocks. An empty file holds none. Where there are secret keys the bytes are overwritten.
 * @throws MalformedError if the bytes are none of these
 */
export function scanKeyFile(bytes: Uint8Array): Ring {
  if (bytes.length === 0) return scanPackets([]);
  if (isBinary(bytes)) return scanBinary(bytes);
  if (isKeybox(bytes)) return scanKeybox(bytes);
  if (isKeyboxDatabase(bytes))
    throw new ForeignFileError(
      'the database of a GnuPG keyboxd',
      'write its keys to a file: gpg --export > keys.gpg',
    );
  const blocks = keyBlocksIn(bytes);
  if (blocks.length === 0)
    throw (
      describeForeignFile(latin1(asText(bytes.subarray(0, DESCRIBED))), looksLikeKeys) ??
      describeDamage(bytes) ??
      new MalformedError('expected an armored OpenPGP key, found none')
    );
  if (blocks.some(({ type }) => type === 'PGP PRIVATE KEY BLOCK')) bytes.fill(0);
  return scanPackets(blocks.map(({ packets }) => packets));
}

/** How many octets of a file are looked at to say what it is. */
const DESCRIBED = 8192;

function scanBinary(bytes: Uint8Array): Ring {
  try {
    return scanPackets([bytes]);
  } catch (error) {
    throw (error instanceof MalformedError ? describeDamage(bytes) : undefined) ?? error;
  }
}

/** Whether the bytes are an SQLite database, as GnuPG's keyboxd keeps its keys in. */
export function isKeyboxDatabase(bytes: Uint8Array): boolean {
  return startsWith(bytes, 'SQLite format 3\0');
}

/**
 * Whether a file that begins with these bytes, say 64 KiB, is meant to hold keys or the revocation of one: for the
 * files of a folder, of which some may be something else.
 */
export function looksLikeKeys(start: Uint8Array): boolean {
  if (isBinary(start)) return looksLikePackets(start);
  return isKeybox(start) || holdsBeginOfKeys(start) || holdsRevocation(start);
}

function holdsBeginOfKeys(start: Uint8Array): boolean {
  return succeeds(() => BEGIN_OF_KEYS.test(latin1(inUtf8(start))));
}

const BEGIN_OF_KEYS = /^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/m;

/** Many bytes look like a header, as in GnuPG's file of random numbers: the version is checked as well. */
function looksLikePackets(start: Uint8Array): boolean {
  return succeeds(() => {
    // How long the packets are does not matter here.
    const packet = new PacketCursor(start, 0, Infinity);
    while (packet.end < start.length && packet.next() && isIgnored(packet)) continue;
    const version = start[packet.bodyAt] ?? 0;
    return (
      version >= 2 && version <= 6 && (isPrimaryKey(packet) || revocationAt(start, packet) !== undefined)
    );
  });
}

/** Most armored signatures that lie in a folder are those of other files. */
function holdsRevocation(start: Uint8Array): boolean {
  return succeeds(() => keyBlocksIn(start).length > 0);
}

function succeeds(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

/** The armored blocks that hold keys, or, as some programs name its block, the revocation of one. */
function keyBlocksIn(bytes: Uint8Array): ArmoredBlock[] {
  return decodeBlocks(inUtf8(bytes), [...KEY_BLOCKS, 'PGP SIGNATURE']).filter(
    ({ type, packets }) => type !== 'PGP SIGNATURE' || startsWithRevocation(packets),
  );
}

/** Text that may be in UTF-16, as PowerShell redirects what a program prints, with a byte for each character. */
function asText(bytes: Uint8Array): Uint8Array {
  if (!isUtf16(bytes)) return bytes;
  const units = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
  if (startsWith(bytes, UTF16_BIG_ENDIAN)) units.swap16();
  return Buffer.from(units.toString('utf16le'), 'latin1');
}

function isBinary(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0 && !startsWith(bytes, BYTE_ORDER_MARK) && !isUtf16(bytes);
}

function isUtf16(bytes: Uint8Array): boolean {
  return startsWith(bytes, UTF16_LITTLE_ENDIAN) || startsWith(bytes, UTF16_BIG_ENDIAN);
}

/** Of UTF-8 and UTF-16, read as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const UTF16_LITTLE_ENDIAN = '\u00ff\u00fe';
const UTF16_BIG_ENDIAN = '\u00fe\u00ff';

function startsWith(bytes: Uint8Array, text: string): boolean {
  return latin1(bytes.subarray(0, text.length)) === text;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
