import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import type { OpenedFile } from '../../files/regular-file.ts';
import { parseTarHeader, TAR_BLOCK, TAR_END, tarPadding, type TarMember } from './ustar.ts';

/** Reads an archive that `TarWriter` wrote, member by member, in constant memory. It takes no other forms. */
export class TarReader {
  private readonly file: OpenedFile['file'];
  private readonly size: number;
  private offset = 0;

  constructor({ file, size }: OpenedFile) {
    this.file = file;
    this.size = size;
  }

  /** The next member, without reading on; undefined at the end of the archive. @throws MalformedError */
  async peek(): Promise<TarMember | undefined> {
    const block = await this.bytes(TAR_BLOCK);
    if (block.some((byte) => byte !== 0)) {
      const member = parseTarHeader(block);
      if (this.offset + TAR_BLOCK + member.size > this.size)
        throw new MalformedError(
          `it ends in ${excerpt(member.name)}, which has ${member.size} bytes: it was cut off`,
        );
      return member;
    }
    if (this.size - this.offset !== TAR_END) throw new MalformedError('expected its end, found more');
    if ((await this.bytes(TAR_END)).some((byte) => byte !== 0))
      throw new MalformedError('expected zeros at its end');
    return undefined;
  }

  /** The content of the next member, in pieces of at most a mebibyte. @throws MalformedError */
  async *contentOf({ size }: TarMember): AsyncGenerator<Buffer> {
    this.offset += TAR_BLOCK;
    for (let rest = size; rest > 0;) {
      const piece = await this.bytes(Math.min(rest, PIECE));
      this.offset += piece.length;
      rest -= piece.length;
      yield piece;
    }
    const padding = await this.bytes(tarPadding(size));
    if (padding.some((byte) => byte !== 0)) throw new MalformedError('expected zeros behind a member');
    this.offset += padding.length;
  }

  private async bytes(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      const { bytesRead } = await this.file.read(bytes, read, length - read, this.offset + read);
      if (bytesRead === 0) throw new MalformedError('it was cut off');
      read += bytesRead;
    }
    return bytes;
  }
}

const PIECE = 1 << 20;
