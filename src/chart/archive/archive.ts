import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Sha256 } from '../../digest.ts';
import { MalformedError } from '../../errors.ts';
import { holdChunks, inMemory, readChunks } from '../../files/chunks.ts';
import { openRegular } from '../../files/regular-file.ts';
import { archiveError, OtherFileError } from './archive-error.ts';
import type { ChartContents } from './chart-contents.ts';
import type { MetadataFiles } from './chart-yaml.ts';
import type { InIndex } from './operand-hints.ts';
import type { NextPiece } from './tar-members.ts';

/** A packaged chart that was read for its digest, and not looked into. */
export interface Archive {
  /** The last part of its path. */
  readonly name: string;
  /** Over the whole file. */
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
}

/** A packaged chart that was looked into. */
export interface OpenedArchive extends Archive {
  /** What says which chart it is. */
  readonly metadata: MetadataFiles;
}

/** A packaged chart that was looked into, with the charts that are in it. */
export interface UnpackedArchive extends OpenedArchive {
  readonly contents: ChartContents;
}

/** A file that may be a chart archive, not read yet. */
export interface FoundArchive {
  /** Reads it once, in constant memory. Throws InputError if it cannot be read or is no gzip file. */
  readonly read: () => Promise<Archive>;
  /**
   * The same, with the files that say which chart it is. Throws InputError as well if Helm would not take it
   * for a chart.
   */
  readonly open: () => Promise<OpenedArchive>;
  /** The same, with the charts that are in it. Throws InputError as well if there are more than any chart has. */
  readonly unpack: () => Promise<UnpackedArchive>;
  /** Its bytes, for whoever copies it. Throws InputError if it cannot be read. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** The same, in memory if it is not large, for whoever reads it again. Throws InputError if it cannot be read. */
  readonly held: () => Promise<FoundArchive>;
}

/** What messages say of an archive. */
export interface NamedArchive {
  /** What an index says of it, if one names it. */
  readonly indexed?: InIndex | undefined;
  /** What it is called in messages; by default its path. */
  readonly label?: string;
}

/**
 * Finds a chart archive.
 * @throws InputError if there is no regular file, or nothing in it
 */
export async function findArchive(
  path: string,
  { indexed, label = path }: NamedArchive = {},
): Promise<FoundArchive> {
  const { size, held } = await lookAt({ path, label }, indexed);
  return foundIn({ path, label, size, bytes: held ?? (() => readChunks(path, size)) });
}

function foundIn(place: ReadableArchive): FoundArchive {
  const { label, size, bytes } = place;
  const found: FoundArchive = {
    read: async () => await read(place, () => Promise.resolve({})),
    open: async () => {
      // The reader of tar archives is loaded for those who look into one.
      const { findChartYaml } = await import('./chart-yaml.ts');
      return await read(place, async (pull) => ({ metadata: await findChartYaml(pull) }));
    },
    unpack: async () => {
      const { readContents } = await import('./chart-contents.ts');
      return await read(place, readContents);
    },
    chunks: () => explained(label, bytes()),
    held: async () => {
      const kept = size > HELD ? undefined : await holdChunks(found.chunks(), HELD);
      return kept === undefined ? found : foundIn({ ...place, bytes: kept });
    },
  };
  return found;
}

/** Bytes of an archive that is held in memory; those of most charts have some tens of thousands. */
const HELD = 1 << 20;

/** Bytes of an archive that is read when it is found: to open it once more would cost more than to hold it. */
const SMALL = 1 << 17;

/** Where an archive is, and what messages call that. */
interface ArchivePlace {
  readonly path: string;
  readonly label: string;
}

interface ReadableArchive extends ArchivePlace {
  /** About how many bytes. */
  readonly size: number;
  readonly bytes: () => AsyncGenerator<Uint8Array, void, void>;
}

async function* explained(
  label: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* chunks;
  } catch (error) {
    throw await archiveError(label, error);
  }
}

/** Reads the beginning of a file, or all of a small one. */
async function lookAt(
  { path, label }: ArchivePlace,
  indexed: InIndex | undefined,
): Promise<{ readonly size: number; readonly held: ReadableArchive['bytes'] | undefined }> {
  try {
    const { file, size } = await openRegular(path);
    try {
      // One byte more than it has shows that it has no more.
      const length = size > SMALL ? HEAD : Math.max(size + 1, HEAD);
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length);
      const bytes = buffer.subarray(0, bytesRead);
      requireGzip(bytes);
      return { size, held: bytesRead === size ? inMemory([bytes]) : undefined };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await archiveError(label, error, indexed);
  }
}

/** The digest is over the whole file, however much of it `look` wants to see. */
async function read<Seen>(
  { path, label, size, bytes }: ReadableArchive,
  look: (pull: NextPiece) => Promise<Seen>,
): Promise<Archive & Seen> {
  try {
    const hash = createHash('sha256');
    const chunks = digested(bytes(), hash);
    try {
      const seen = await look(() => chunks.next());
      while (!(await chunks.next()).done);
      return { ...seen, name: basename(path), sha256: hash.digest('hex') as Sha256, size };
    } finally {
      await chunks.return();
    }
  } catch (error) {
    throw await archiveError(label, error);
  }
}

/** Bytes that tell what a file is. */
const HEAD = 512;

/** Refuses a file that does not begin as gzip does, before anything else in it is looked at. */
function requireGzip(head: Uint8Array): void {
  if (head.length === 0) throw new MalformedError('it is empty');
  if (head[0] !== 0x1f) throw new OtherFileError(head);
}

async function* digested(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) requireGzip(chunk);
    isFirst = false;
    hash.update(chunk);
    yield chunk;
  }
}
