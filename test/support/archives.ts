import { gzipSync, type ZlibOptions } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

/** One entry of an archive: its path, its content, and what else its header says. */
export type Member = readonly [name: string, content?: string | Uint8Array, header?: Partial<Header>];

/** The bytes of a tar archive with these members, in this order. */
export async function tarOf(...members: readonly Member[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, content = '', header = {}] of members) tar.entry({ ...header, name }, content);
  tar.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The bytes of a gzipped tar archive with these members, in this order. */
export async function tgzOf(...members: readonly Member[]): Promise<Uint8Array> {
  return gzip(await tarOf(...members));
}

/** The bytes, gzipped. */
export function gzip(bytes: string | Uint8Array, options: ZlibOptions = {}): Uint8Array {
  return gzipSync(bytes, options);
}
