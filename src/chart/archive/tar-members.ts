import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { excerpt } from '../../encoding.ts';
import { MalformedError, messageOf } from '../../errors.ts';
import { sameBlocks } from './tar-blocks.ts';

/** Reads the next piece of a file. */
export type NextPiece = () => Promise<IteratorResult<Uint8Array, void>>;

/** Reads the content of one member; what it leaves is passed over. */
export type MemberReader = (content: AsyncIterator<Uint8Array>) => Promise<void>;

/**
 * Chooses the members that are read, by the name within the chart and the name as the archive has it. Gives undefined
 * for one that is passed over.
 */
export type ChooseMember = (path: string, name: string) => MemberReader | undefined;

/** How many bytes archives may unpack to, with headers and padding: one for an archive and all that are in it. */
export class UnpackedBytes {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** @throws MalformedError if that is too much */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw tooMuch();
  }
}

/**
 * Goes once through the files of a gzipped tar archive, with the names that Helm gives them. Helm drops the first part
 * of a member's name, whatever it is; a name with a backslash is split at backslashes. An archive with a member that Helm
 * refuses is refused.
 * @param unpacked how many more bytes may be unpacked
 * @throws MalformedError if the bytes are no such archive, or Helm refuses it; and what the readers of members throw
 */
export async function readMembers(
  pull: NextPiece,
  choose: ChooseMember,
  unpacked = new UnpackedBytes(UNPACKED_LIMIT),
): Promise<void> {
  // Without a `return`, the end of this stream leaves the rest of the file to whoever pulls on.
  const source = Readable.from({ [Symbol.asyncIterator]: () => ({ next: pull }) });
  const tar = extract(ANY_FORMAT);
  const over = new AbortController();
  // An error of the pipeline ends the loop over the members, and is thrown there.
  const within = limitTo(unpacked);
  const flow = pipeline(source, createGunzip(), within, sameBlocks, tar, { signal: over.signal }).catch(
    () => undefined,
  );
  try {
    let total = 0;
    for await (const member of tar) {
      const { header } = member;
      const path = isFolder(header) ? undefined : requireName(header.name);
      const reader = path === undefined ? undefined : choose(path, header.name);
      if (reader === undefined) member.resume();
      else await readAndPass(member, reader);
      if (path === undefined) continue;
      total += header.size;
      if (total >= CONTENT_LIMIT) throw tooMuch();
    }
  } catch (error) {
    throw malformed(error);
  } finally {
    over.abort();
    await flow;
  }
}

/** Lets tar-stream read the V7 format too; its types lack this option. */
const ANY_FORMAT: object = { allowUnknownFormat: true };

async function readAndPass(member: AsyncIterable<unknown>, reader: MemberReader): Promise<void> {
  const content = (member as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await reader(content);
  while ((await content.next()).done !== true);
}

/** Of all files together, in bytes: Helm's limit. */
const CONTENT_LIMIT = 100 << 20;

/** In bytes, with headers and the padding of blocks. */
const UNPACKED_LIMIT = 128 << 20;

function tooMuch(): MalformedError {
  return new MalformedError(`expected at most ${CONTENT_LIMIT} bytes in it, unpacked, found more`);
}

/** Passes the bytes of one archive on. */
function limitTo(unpacked: UnpackedBytes) {
  const own = new UnpackedBytes(UNPACKED_LIMIT);
  return async function* limited(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of pieces) {
      own.take(piece.length);
      unpacked.take(piece.length);
      yield piece;
    }
  };
}

/**
 * Whether a member is a folder. For Go its mode may say so, too.
 * @throws MalformedError if readers disagree
 */
function isFolder({ type, mode, name }: Header): boolean {
  if (type === 'file' && name.endsWith('/'))
    throw new MalformedError(`expected files and folders, found what may be both: ${excerpt(name)}`);
  return type === 'directory' || mode - (mode % 0o10000) === 0o040000;
}

/**
 * The name of a member within its chart.
 * @throws MalformedError where Helm refuses the archive because of it
 */
function requireName(name: string): string {
  const delimiter = name.includes('\\') ? '\\' : '/';
  const [first, ...parts] = name.split(delimiter);
  const inside = parts.join('/');
  const path = posix.normalize(inside);
  const shown = excerpt(name);
  if (posix.isAbsolute(inside)) throw new MalformedError(`expected relative names in it, found ${shown}`);
  if (path === '.' || path === './')
    throw new MalformedError(`expected files in a folder at its top, found ${shown}`);
  if (path.startsWith('..')) throw new MalformedError(`expected names within its folder, found ${shown}`);
  if (/^[a-zA-Z]:\//.test(path)) throw new MalformedError(`expected names without a drive, found ${shown}`);
  if (first === 'Chart.yaml')
    throw new MalformedError('expected Chart.yaml in a folder, found it at its top');
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function malformed(error: unknown): unknown {
  if (error instanceof MalformedError || !(error instanceof Error) || 'syscall' in error) return error;
  const isGzip = 'code' in error && String(error.code).startsWith('Z_');
  const what = isGzip
    ? 'it is not compressed with gzip, or damaged'
    : 'what is compressed in it is no tar archive';
  return new MalformedError(`${what}: ${messageOf(error)}`);
}
