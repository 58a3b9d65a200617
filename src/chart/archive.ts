import { createHash, type Hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Sha256 } from '../digest.ts';
import { InputError, MalformedError } from '../errors.ts';
import { readChunks } from '../files/chunks.ts';
import type { Pull } from './chart-yaml.ts';

/** A packaged chart, as far as its digest tells it. */
export interface Archive {
  /** The last part of its path. */
  readonly name: string;
  /** Over the whole file. */
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
}

/** A packaged chart of which Chart.yaml was read too. */
export interface OpenedArchive extends Archive {
  readonly chartYaml: Uint8Array;
}

/** A file that may be a chart archive, not read yet. */
export interface FoundArchive {
  /** Reads it once, in constant memory. Throws InputError if it cannot be read or is no gzip file. */
  readonly read: () => Promise<Archive>;
}

/** Finds a chart archive. @throws InputError if there is no file, or nothing in it */
export async function findArchive(path: string): Promise<FoundArchive> {
  const size = await sizeOf(path);
  return { read: async () => await read(path, size, () => Promise.resolve({})) };
}

/**
 * Reads a chart archive once, in constant memory.
 * @throws InputError if it cannot be read or is no gzip file
 */
export async function readArchive(path: string): Promise<Archive> {
  return await (await findArchive(path)).read();
}

/**
 * Reads a chart archive once, in constant memory, with the Chart.yaml in it.
 * @throws InputError if it cannot be read, is no gzipped tar archive, or has no Chart.yaml
 */
export async function openArchive(path: string): Promise<OpenedArchive> {
  // The reader of tar archives is loaded for those who look into one.
  const { findChartYaml } = await import('./chart-yaml.ts');
  return await read(path, await sizeOf(path), async (pull) => ({ chartYaml: await findChartYaml(pull) }));
}

async function sizeOf(path: string): Promise<number> {
  try {
    return requireFile(await stat(path)).size;
  } catch (error) {
    throw inputError(path, error);
  }
}

/** The digest is over the whole file, however much of it `look` wants to see. */
async function read<Seen>(
  path: string,
  size: number,
  look: (pull: Pull) => Promise<Seen>,
): Promise<Archive & Seen> {
  try {
    const hash = createHash('sha256');
    const chunks = digested(path, size, hash);
    try {
      const seen = await look(() => chunks.next());
      while (!(await chunks.next()).done);
      return { ...seen, name: basename(path), sha256: hash.digest('hex') as Sha256, size };
    } finally {
      await chunks.return();
    }
  } catch (error) {
    throw inputError(path, error);
  }
}

async function* digested(path: string, size: number, hash: Hash): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const chunk of readChunks(path, size)) {
    if (isFirst && chunk[0] !== 0x1f) throw new MalformedError('it is not compressed with gzip');
    isFirst = false;
    hash.update(chunk);
    yield chunk;
  }
}

function requireFile(found: Stats): Stats {
  if (found.isDirectory()) throw new MalformedError('it is a directory');
  if (!found.isFile()) throw new MalformedError('it is no regular file');
  if (found.size === 0) throw new MalformedError('it is empty');
  return found;
}

function inputError(path: string, error: unknown): unknown {
  if (error instanceof MalformedError)
    return new InputError(
      `${path} is no packaged chart: ${error.message}`,
      'package the chart with helm package',
    );
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const isMissing = 'code' in error && error.code === 'ENOENT';
  return new InputError(isMissing ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`);
}
