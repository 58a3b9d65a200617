import { MalformedError } from '../errors.ts';
import { decodeKeyArmor } from '../openpgp/armor.ts';
import { isKeybox, readKeybox } from './keybox.ts';

/**
 * The packets of all keys in a file, whatever it is called: a GnuPG keybox, a binary keyring, or text with
 * armored key blocks. Several pieces, each starting with a key.
 * @throws MalformedError if the bytes are none of these
 */
export function keyPackets(bytes: Uint8Array): Uint8Array[] {
  const [first] = bytes;
  if (first === undefined) throw new MalformedError('expected OpenPGP keys, found an empty file');
  if (isKeybox(bytes)) return readKeybox(bytes);
  if (startsWith(bytes, 'SQLite format 3\0'))
    throw new MalformedError(
      'expected OpenPGP keys, found the database of a GnuPG keyboxd; "gpg --export" writes its keys to a file',
    );
  const binary = (first & 0x80) !== 0 && !startsWith(bytes, BYTE_ORDER_MARK);
  return [binary ? bytes : decodeKeyArmor(bytes)];
}

/** UTF-8, read as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;
}
