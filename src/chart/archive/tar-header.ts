import { decodeUtf8, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';

/** Bytes in a block of a tar archive; headers have one, contents are filled up to whole ones. */
export const BLOCK = 512;

/** Whether a block is filled with zeros: two of them end an archive. */
export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * Type flag and size, in bytes, of the member whose header is in a block, if tar-stream and the reader of Go take the
 * same from it. POSIX.1-1988 ustar, GNU, V7
 * @throws MalformedError if they do not
 */
export function requireSameHeader(block: Uint8Array): { readonly type: string; readonly size: number } {
  for (const [from, to] of NUMBERS) requireOctal(block, from, to);
  for (const [from, to] of LARGE_NUMBERS) if (byteAt(block, from) < 0x80) requireOctal(block, from, to);
  const magic = latin1(block, 257, 265);
  if (magic.startsWith('ustar\0') || magic === GNU)
    for (const [from, to] of DEVICE_NUMBERS) if (byteAt(block, from) < 0x80) requireOctal(block, from, to);
  // In a GNU header without times, Go takes the beginning of a name from their place.
  if (magic === GNU) for (const [from, to] of GNU_TIMES) requireOctal(block, from, to);
  // In a header of the archiver star, the beginning of a name is shorter, and times follow it.
  const isLongPrefix = magic.startsWith('ustar\0') && block.indexOf(0, 345) >= 476;
  if (isLongPrefix && latin1(block, 508, 512) === 'tar\0') throw unlike('a header of star with a long name');
  // tar-stream takes such a header for a block of zeros.
  if (isZero(block.subarray(0, 148)) && isZero(block.subarray(156))) throw unlike('an empty header');
  const type = latin1(block, 156, 157);
  const size = octalOf(block, 124, 136);
  if (type === 'S') throw sparse();
  if (type === 'N') throw unlike('a long name of an old kind');
  if (size === 0 && 'xgLK'.includes(type)) throw unlike('a long name without a name');
  if (size > 0 && WITHOUT_CONTENT.includes(type)) throw unlike('a link, device or folder with a size');
  return { type, size };
}

/**
 * Checks the form of a pax header, because tar-stream accepts other forms too. POSIX.1-2001
 * @throws MalformedError if it has another form, or says what Go and tar-stream would read differently: a
 * size, a sparse file, a NUL in a path
 */
export function requirePax(content: Uint8Array): void {
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(0x20, at);
    const digits = blank < 0 || blank - at > 9 ? '' : latin1(content, at, blank);
    const end = /^[0-9]+$/.test(digits) ? at + Number(digits) : NaN;
    const equals = content.indexOf(0x3d, blank);
    if (!(end <= content.length && end > equals && equals > blank + 1) || content[end - 1] !== 0x0a)
      throw new MalformedError('a pax header is damaged');
    const key = latin1(content, blank + 1, equals);
    if (key.startsWith('GNU.sparse.')) throw sparse();
    if (key === 'size') throw unlike('a size in a pax header');
    if (key === 'path' && decodeUtf8(content.subarray(equals + 1, end - 1)).includes('\0'))
      throw new MalformedError('a pax header has a NUL in a path');
    at = end;
  }
}

/** Checksum, mode and size. They say how to read on, or whether it is a folder. */
const NUMBERS = [
  [100, 108],
  [124, 136],
  [148, 156],
] as const;

/** Owner, group and time: nothing depends on them, but Go refuses what is no number. */
const LARGE_NUMBERS = [
  [108, 116],
  [116, 124],
  [136, 148],
] as const;
const DEVICE_NUMBERS = [
  [329, 337],
  [337, 345],
] as const;
const GNU_TIMES = [
  [345, 357],
  [357, 369],
] as const;
const GNU = 'ustar  \0';

/** Links, devices, folders and pipes: Go reads none, tar-stream does. */
const WITHOUT_CONTENT = '123456';

function requireOctal(block: Uint8Array, from: number, to: number): void {
  const text = latin1(block, from, to);
  if (!/^ *\0*[0-7]+[ \0]*$/.test(text) && !/^[ \0]*$/.test(text))
    throw new MalformedError(`what is compressed in it is no tar archive: not a number: ${excerpt(text)}`);
}

/** The value of octal digits whose form was checked before. */
function octalOf(block: Uint8Array, from: number, to: number): number {
  return parseInt(/[0-7]+/.exec(latin1(block, from, to))?.[0] ?? '0', 8);
}

function sparse(): MalformedError {
  return new MalformedError('expected whole files, found a sparse one');
}

function unlike(found: string): MalformedError {
  return new MalformedError(`expected a tar archive that can be read in one way, found ${found}`);
}

function byteAt(block: Uint8Array, at: number): number {
  return block[at] ?? 0;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
