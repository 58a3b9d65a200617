import type { OpenedFile } from '../../files/regular-file.ts';
import { TAR_END, tarHeader, tarPadding, type TarMember } from './ustar.ts';

/** Writes an archive to a file, one member after the other. */
export class TarWriter {
  /** @param file at its start */
  constructor(private readonly file: OpenedFile['file']) {}

  /** A member whose bytes are at hand. @throws the error of the file system */
  async add(name: string, mode: number, bytes: Uint8Array): Promise<void> {
    await this.addAll({ name, mode, size: bytes.length }, [bytes]);
  }

  /** A member in pieces. @throws the error of the file system */
  async addAll(member: TarMember, pieces: Iterable<Uint8Array>): Promise<void> {
    await this.file.appendFile(tarHeader(member));
    let size = 0;
    for (const piece of pieces) {
      size += piece.length;
      await this.file.appendFile(piece);
    }
    if (size !== member.size) throw new Error(`${member.name} has ${size} bytes in place of ${member.size}`);
    await this.file.appendFile(Buffer.alloc(tarPadding(size)));
  }

  /** Ends the archive. */
  async end(): Promise<void> {
    await this.file.appendFile(Buffer.alloc(TAR_END));
  }
}
