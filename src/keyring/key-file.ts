import { MalformedError } from '../errors.ts';
import { decodeKeyBlocks } from '../openpgp/armor.ts';
import { isKeybox, scanKeybox } from './keybox.ts';
import { scanPackets, type Ring } from './scan.ts';

/**
 * Finds the certificates in a file, whatever it is called: a GnuPG keybox, a binary keyring, or text with armored
 * key blocks. An empty file holds none.
 * @throws MalformedError if the bytes are none of these
 */
export function scanKeyFile(bytes: Uint8Array): Ring[] {
  if (bytes.length === 0) return [];
  if (isKeybox(bytes)) return [scanKeybox(bytes)];
  if (isKeyboxDatabase(bytes))
    throw new MalformedError(
      'expected OpenPGP keys, found the database of a GnuPG keyboxd; "gpg --export" writes its keys to a file',
    );
  return isBinary(bytes) ? [scanPackets(bytes)] : decodeKeyBlocks(bytes).map(scanPackets);
}

/** Whether the bytes are an SQLite database, as GnuPG's keyboxd keeps its keys in. */
export function isKeyboxDatabase(bytes: Uint8Array): boolean {
  return startsWith(bytes, 'SQLite format 3\0');
}

/**
 * Whether a file that begins with these bytes, say 64 KiB, is meant to hold keys: for the files of a folder, of
 * which some may be something else.
 */
export function looksLikeKeys(start: Uint8Array): boolean {
  const [first = 0] = start;
  // Public and secret keys (types 6 and 5) with headers of both formats.
  if (isBinary(start)) return KEY_HEADERS.has((first & 0x40) === 0 ? first & ~3 : first);
  return isKeybox(start) || /^.{0,3}-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/m.test(latin1(start));
}

const KEY_HEADERS = new Set([0x98, 0x94, 0xc6, 0xc5]);

function isBinary(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0 && !startsWith(bytes, BYTE_ORDER_MARK);
}

/** UTF-8, read as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

function startsWith(bytes: Uint8Array, text: string): boolean {
  return latin1(bytes.subarray(0, text.length)) === text;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
