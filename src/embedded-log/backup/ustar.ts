import { MalformedError } from '../../errors.ts';

/** The unit of a tar archive (POSIX.1-1988 ustar), in bytes. */
export const TAR_BLOCK = 512;

/** A file in an archive. */
export interface TarMember {
  /** Its path, of at most 100 ASCII characters. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly mode: number;
}

/** The most bytes of a member: the field has eleven octal digits. */
export const MOST_OF_MEMBER = 8 ** 11 - 1;

/**
 * The header of a regular file, always the same for the same file: without owner and time.
 * @throws RangeError on a name or a size that has no place in it
 */
export function tarHeader({ name, size, mode }: TarMember): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name) || size > MOST_OF_MEMBER)
    throw new RangeError(`no tar header: ${name}`);
  const block = Buffer.alloc(TAR_BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(name, 0, 'latin1');
  block.write(octal(mode, 7), 100, 'latin1');
  for (const owner of [108, 116]) block.write(octal(0, 7), owner, 'latin1');
  block.write(octal(size, 11), 124, 'latin1');
  block.write(octal(0, 11), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0ustar\0' + '00', 156, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/**
 * The file that a header is of, if it is exactly as {@link tarHeader} makes it: no links, no other forms.
 * @throws MalformedError on any other block
 */
export function parseTarHeader(block: Buffer): TarMember {
  const field = (from: number, length: number) => {
    const bytes = block.subarray(from, from + length);
    const end = bytes.indexOf(0);
    return bytes.subarray(0, end < 0 ? length : end).toString('latin1');
  };
  const [name, mode, size] = [field(0, 100), field(100, 8), field(124, 12)];
  const isPlain = /^[\x21-\x7e]+$/.test(name) && /^[0-7]{7}$/.test(mode) && /^[0-7]{11}$/.test(size);
  const member = { name, mode: parseInt(mode, 8), size: parseInt(size, 8) };
  if (!isPlain || !tarHeader(member).equals(block))
    throw new MalformedError('expected the header of a regular file, as a backup has it');
  return member;
}

/** How many zeros follow a member of this size, up to the next block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** How many zeros end an archive. */
export const TAR_END = 2 * TAR_BLOCK;
