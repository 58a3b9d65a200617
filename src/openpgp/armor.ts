import { encodeBase64, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { ArmoredLines } from './armored-lines.ts';
import { Crc24 } from './crc24.ts';

export type ArmorType = 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK' | 'PGP PRIVATE KEY BLOCK';

/**
 * The bytes in ASCII armor as Rekor writes it into an entry: no headers, 64 columns, a checksum, no line break
 * at the end. RFC 9580 6.
 */
export function encodeArmor(type: ArmorType, bytes: Uint8Array): string {
  const digits = encodeBase64(bytes);
  const lines: string[] = [`-----BEGIN ${type}-----`, ''];
  for (let at = 0; at < digits.length; at += COLUMNS) lines.push(digits.slice(at, at + COLUMNS));
  lines.push(`=${encodeBase64(new Crc24().add(bytes).octets())}`, `-----END ${type}-----`);
  return lines.join('\n');
}

const COLUMNS = 64;

/**
 * The bytes of text that is one armored block from its first character and nothing but white space after it.
 * Lines end with LF or CRLF; a checksum may be missing, but not wrong. RFC 9580 6.2.
 * @throws MalformedError on anything else
 */
export function decodeArmor(type: ArmorType, text: string): Uint8Array {
  const lines = text.split(/\r?\n/);
  const end = lines.indexOf(`-----END ${type}-----`);
  if (lines[0] !== `-----BEGIN ${type}-----`)
    throw new MalformedError(`expected the line "-----BEGIN ${type}-----", found ${excerpt(lines[0] ?? '')}`);
  if (end < 0) throw new MalformedError(`expected the line "-----END ${type}-----", found none`);
  const after = lines.slice(end + 1).find((line) => !/^[ \t\r]*$/.test(line));
  if (after !== undefined)
    throw new MalformedError(`expected nothing after the block "${type}", found ${excerpt(after)}`);
  const bytes = Buffer.allocUnsafeSlow(decodedLength(text.length));
  const reader = new ArmoredLines(type, bytes);
  for (const line of lines.slice(1, end)) reader.add(line);
  return bytes.subarray(0, reader.end());
}

/**
 * The packets of all key blocks of a file of armored keys.
 * @throws MalformedError as `decodeBlocks` does, or if there is no block
 */
export function decodeKeyArmor(bytes: Uint8Array): Uint8Array {
  const blocks = decodeBlocks(bytes, KEY_BLOCKS);
  if (blocks.length === 0) throw new MalformedError('expected an armored OpenPGP key, found none');
  const [first] = blocks;
  return first && blocks.length === 1 ? first.packets : Buffer.concat(blocks.map(({ packets }) => packets));
}

/** The types of blocks that hold keys. */
export const KEY_BLOCKS: readonly ArmorType[] = ['PGP PUBLIC KEY BLOCK', 'PGP PRIVATE KEY BLOCK'];

/** One armored block of a file. */
export interface ArmoredBlock {
  readonly type: ArmorType;
  readonly packets: Uint8Array;
}

/**
 * The blocks of these types in a file. Text before, between and after the blocks, white space at the end of lines,
 * further empty lines and a byte order mark do no harm. RFC 9580 6.2.
 * @throws MalformedError if a block is damaged, and on more blocks or lines than anybody needs
 */
export function decodeBlocks(bytes: Uint8Array, wanted: readonly ArmorType[]): ArmoredBlock[] {
  const blocks: ArmoredBlock[] = [];
  let open: { type: ArmorType; reader: ArmoredLines } | undefined;
  // All blocks share one buffer. It is large enough: each decoded byte takes more than one of the file.
  let free = new Uint8Array();
  for (const line of linesOf(bytes)) {
    if (open === undefined) {
      const type = wanted.find((candidate) => isBegin(line, candidate));
      if (type === undefined) continue;
      if (blocks.length === MAX_BLOCKS)
        throw new MalformedError(`expected at most ${MAX_BLOCKS} armored blocks, found more`);
      if (blocks.length === 0) free = Buffer.allocUnsafeSlow(decodedLength(bytes.length));
      open = { type, reader: new ArmoredLines(type, free) };
    } else if (line === `-----END ${open.type}-----`) {
      const length = open.reader.end();
      blocks.push({ type: open.type, packets: free.subarray(0, length) });
      free = free.subarray(length);
      open = undefined;
    } else open.reader.add(line);
  }
  if (open !== undefined)
    throw new MalformedError(`expected the line "-----END ${open.type}-----", found none`);
  return blocks;
}

const MAX_BLOCKS = 100_000;

/** The lines of a file, one after the other because there may be millions, without white space at their ends. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < file.length;) {
    const newline = file.indexOf(LINE_FEED, at);
    const end = newline < 0 ? file.length : newline;
    yield file.toString('latin1', at, end).trimEnd();
    at = end + 1;
  }
}

const LINE_FEED = 0x0a;

/** Whether a block begins there. A byte order mark, read as Latin-1, may stand before the first line. */
function isBegin(line: string, type: ArmorType): boolean {
  const begin = `-----BEGIN ${type}-----`;
  return line === begin || line === `\u00ef\u00bb\u00bf${begin}`;
}

/** How many bytes so many base64 digits hold at most. */
function decodedLength(digits: number): number {
  return Math.ceil(digits / 4) * 3;
}
