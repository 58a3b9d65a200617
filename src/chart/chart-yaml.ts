import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { MalformedError, messageOf } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { CHART_YAML_LIMIT } from './limits.ts';

/** Reads the next piece of a file. */
export type Pull = () => Promise<IteratorResult<Uint8Array, void>>;

// Helm writes Chart.yaml first, and unpacks no more than this of an archive.
const UNPACKED_LIMIT = 100 << 20;

/**
 * The Chart.yaml of a gzipped tar archive, `DIRECTORY/Chart.yaml` where DIRECTORY is the only one at the top, as
 * Helm writes it. No more is pulled than is needed to find it, and no more unpacked than a limit.
 * @throws MalformedError if the archive is none, or has no such file
 */
export async function findChartYaml(pull: Pull): Promise<Uint8Array> {
  const tar = extract();
  // Without a `return`, the end of this stream leaves the rest of the file to whoever pulls on.
  const source = Readable.from({ [Symbol.asyncIterator]: () => ({ next: pull }) });
  // What goes wrong on the way ends the loop over the entries.
  const flow = pipeline(source, createGunzip(), limitUnpacked, tar).catch(() => undefined);
  try {
    let directory: string | undefined;
    for await (const entry of tar) {
      directory = requireOneDirectory(entry.header, directory);
      if (isChartYaml(entry.header)) return await readEntry(entry);
      entry.resume();
    }
  } catch (error) {
    throw malformed(error);
  } finally {
    await flow;
  }
  throw new MalformedError('there is no Chart.yaml in it');
}

async function* limitUnpacked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > UNPACKED_LIMIT)
      throw new MalformedError(`there is no Chart.yaml in its first ${UNPACKED_LIMIT} bytes, unpacked`);
    yield piece;
  }
}

function requireOneDirectory({ name }: Header, known: string | undefined): string {
  const [directory = ''] = name.split('/', 1);
  if (known === undefined || known === directory) return directory;
  throw new MalformedError(
    `expected one directory at its top, found ${excerpt(known)} and ${excerpt(directory)}`,
  );
}

function isChartYaml({ name, type }: Header): boolean {
  return type === 'file' && /^(?!\.\.?\/)[^/\\]+\/Chart\.yaml$/.test(name);
}

async function readEntry(entry: AsyncIterable<unknown>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of entry as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > CHART_YAML_LIMIT)
      throw new MalformedError(`its Chart.yaml has more than ${CHART_YAML_LIMIT} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function malformed(error: unknown): unknown {
  if (error instanceof MalformedError || !(error instanceof Error) || 'syscall' in error) return error;
  const isGzip = 'code' in error && String(error.code).startsWith('Z_');
  return new MalformedError(
    isGzip
      ? `it is not compressed with gzip, or damaged: ${messageOf(error)}`
      : `what is compressed in it is no tar archive: ${messageOf(error)}`,
  );
}
