import { decodeBase64, encodeBase64, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

export type ArmorType = 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK' | 'PGP PRIVATE KEY BLOCK';

/**
 * The bytes in ASCII armor as Rekor writes it into an entry: no headers, 64 columns, a checksum, no line break
 * at the end. RFC 9580 6.
 */
export function encodeArmor(type: ArmorType, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, '', ...lines, `=${checksum(bytes)}`, `-----END ${type}-----`].join('\n');
}

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
  return decodeBlock(type, lines.slice(1, end));
}

/** The packets of all key blocks of a file of armored keys. @throws MalformedError as `decodeBlocks` does, or if there is none */
export function decodeKeyArmor(bytes: Uint8Array): Uint8Array {
  const blocks = decodeBlocks(bytes, KEY_BLOCKS);
  if (blocks.length === 0) throw new MalformedError('expected an armored OpenPGP key, found none');
  return Buffer.concat(blocks.map(({ packets }) => packets));
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
  let open: { type: ArmorType; lines: string[] } | undefined;
  for (const line of linesOf(bytes)) {
    if (open === undefined) {
      const type = wanted.find((candidate) => isBegin(line, candidate));
      if (type !== undefined) open = { type, lines: [] };
    } else if (line === `-----END ${open.type}-----`) {
      blocks.push({ type: open.type, packets: decodeBlock(open.type, open.lines) });
      open = undefined;
    } else if (line !== '' || !open.lines.includes('')) open.lines.push(line);
    if (blocks.length > MAX_BLOCKS || (open && open.lines.length > MAX_LINES))
      throw new MalformedError(
        `expected at most ${MAX_BLOCKS} armored blocks of at most ${MAX_LINES} lines, found more`,
      );
  }
  if (open !== undefined)
    throw new MalformedError(`expected the line "-----END ${open.type}-----", found none`);
  return blocks;
}

/** So many lines of 64 columns hold more than the largest file of keys; each costs memory. */
const MAX_LINES = 5_000_000;
const MAX_BLOCKS = 100_000;

/** The lines of a file, one after the other because there may be millions, without white space at their ends. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(at, end).trimEnd();
    at = end + 1;
  }
}

/** Whether a block begins there. A byte order mark, read as Latin-1, may stand before the first line. */
function isBegin(line: string, type: ArmorType): boolean {
  return line.endsWith('-----') && /^(?:\u00ef\u00bb\u00bf)?-----BEGIN (.*)-----$/.exec(line)?.[1] === type;
}

/** Headers, an empty line, base64, perhaps a checksum. */
function decodeBlock(type: ArmorType, lines: readonly string[]): Uint8Array {
  const blank = lines.indexOf('');
  const misplaced = lines.slice(0, blank < 0 ? undefined : blank).find((line) => !/^[A-Za-z]+:/.test(line));
  if (blank < 0 || misplaced !== undefined)
    throw new MalformedError(
      `expected headers and an empty line in the block "${type}", found ${excerpt(misplaced ?? '')}`,
    );
  const body = lines.slice(blank + 1);
  const sum = body.at(-1)?.startsWith('=') ? body.pop() : undefined;
  const bytes = decodeBase64(body.join(''));
  if (sum !== undefined && sum !== `=${checksum(bytes)}`)
    throw new MalformedError(`the checksum of the block "${type}" is wrong: ${excerpt(sum)}`);
  return bytes;
}

/** CRC-24 in base64. RFC 9580 6.1. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xb704ce;
  for (let at = 0; at < bytes.length; at++)
    crc = ((crc << 8) & 0xffffff) ^ (crcTable[(crc >> 16) ^ (bytes[at] ?? 0)] ?? 0);
  return encodeBase64(Uint8Array.of(crc >> 16, crc >> 8, crc));
}

const crcTable = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
  }
  return crc & 0xffffff;
});
