import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { decodeArmor } from '../openpgp/armor.ts';

/** The parts of a cleartext-signed message. RFC 9580 7. */
export interface Cleartext {
  /** What the signature covers: lines joined by CRLF, without trailing blanks and without the last line end. */
  readonly signedBytes: Uint8Array;
  /** The same lines joined by LF. */
  readonly text: Uint8Array;
  /** The packets of the signature block. */
  readonly signature: Uint8Array;
}

/**
 * Splits a file that is one cleartext-signed message and nothing else. Whatever a reader could take for signed
 * text without it being signed is refused: text around the message, headers other than `Hash`, lines without
 * dash escape, carriage returns within a line, a second signature block. Lines end with LF or CRLF.
 * @throws MalformedError on any other file. RFC 9580 7.1.
 */
export function splitCleartext(bytes: Uint8Array): Cleartext {
  // One character a byte: the signed text need not be UTF-8, and not one of its bytes may change.
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const lines = file.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines[0] !== BEGIN_MESSAGE)
    throw new MalformedError(
      `expected a file that starts with the line "${BEGIN_MESSAGE}", found ${excerpt(lines[0] ?? '')}`,
    );
  const blank = lines.indexOf('', 1);
  const end = lines.indexOf(BEGIN_SIGNATURE, blank + 1);
  if (blank < 0 || end < 0) throw new MalformedError(`expected the line "${BEGIN_SIGNATURE}", found none`);
  lines.slice(1, blank).forEach(checkHeader);
  const text = lines.slice(blank + 1, end).map((line, index) => unescapeLine(line, blank + 2 + index));
  return {
    signedBytes: Buffer.from(text.join('\r\n'), 'latin1'),
    text: Buffer.from(text.join('\n'), 'latin1'),
    signature: decodeArmor('PGP SIGNATURE', lines.slice(end).join('\n')),
  };
}

const BEGIN_MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----';
const HASH_NAMES = [
  'MD5',
  'SHA1',
  'RIPEMD160',
  'SHA224',
  'SHA256',
  'SHA384',
  'SHA512',
  'SHA3-256',
  'SHA3-512',
];
const BEGIN_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';

/** The header is not signed: it must hold nothing that looks like text. What it says of the hash is ignored. */
function checkHeader(line: string): void {
  const names = /^Hash: (.+)$/.exec(line)?.[1]?.split(/, ?/) ?? [''];
  if (!names.every((name) => HASH_NAMES.includes(name)))
    throw new MalformedError(`expected only "Hash" headers before the signed text, found ${excerpt(line)}`);
}

/** @param number of the line in the file, from 1 */
function unescapeLine(line: string, number: number): string {
  if (line.startsWith('-') && !line.startsWith('- '))
    throw new MalformedError(`line ${number} starts with a dash that is not escaped: ${excerpt(line)}`);
  if (/[\r\0]/.test(line))
    throw new MalformedError(`line ${number} holds a carriage return or a NUL: ${excerpt(line)}`);
  return (line.startsWith('- ') ? line.slice(2) : line).replace(/[ \t]+$/, '');
}
