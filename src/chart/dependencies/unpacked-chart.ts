import { join } from 'node:path';
import { InputError, MalformedError } from '../../errors.ts';
import { ChartDirectory, type PackedEntry } from './chart-directory.ts';
import { parseChartLock, type ChartLock } from './chart-lock.ts';
import { withoutMark } from '../archive/chart-yaml.ts';
import { readDeclaredDependencies, type DeclaredDependencies } from '../archive/dependencies.ts';
import { CHART_YAML_LIMIT } from '../archive/limits.ts';
import { parseChartYaml, type ChartMetadata } from '../archive/metadata.ts';

/** A chart as a directory, as its author has it: what it needs, and what is in its `charts/`. */
export interface UnpackedChart {
  /** As the user wrote it. */
  readonly path: string;
  readonly declared: DeclaredDependencies;
  /** Undefined: there is none. */
  readonly lock: LockFile | undefined;
  readonly entries: readonly UnpackedEntry[];
}

/** A lock, and where it is. */
interface LockFile extends ChartLock {
  readonly path: string;
}

/** What is in `charts/`. */
export interface UnpackedEntry extends PackedEntry {
  /** Which chart a folder is, as far as its Chart.yaml says. */
  readonly metadata?: ChartMetadata;
}

/**
 * Reads a chart that is a directory.
 * @throws InputError if it is none, one of its files cannot be read or could be read in two ways
 */
export async function readUnpackedChart(path: string): Promise<UnpackedChart> {
  const directory = await ChartDirectory.open(path);
  const files = await metadataFiles(directory, '');
  if (files.length === 0)
    throw new InputError(
      `there is no file ${join(path, 'Chart.yaml')}`,
      'name the directory of an unpacked chart, the one that has its Chart.yaml',
    );
  const declared = inFile(join(path, 'Chart.yaml'), () => readDeclaredDependencies(files));
  return {
    path,
    declared,
    lock: await readLock(directory),
    entries: await Promise.all(
      (await directory.packedEntries()).map((entry) => withMetadata(directory, entry)),
    ),
  };
}

/** The files that say which chart it is; none if there is no Chart.yaml. */
async function metadataFiles(directory: ChartDirectory, folder: string): Promise<readonly Uint8Array[]> {
  const read = async (name: string) => {
    const bytes = await directory.read(`${folder}${name}`, CHART_YAML_LIMIT);
    return bytes && withoutMark(Buffer.from(bytes));
  };
  const chartYaml = await read('Chart.yaml');
  const requirements = await read('requirements.yaml');
  return chartYaml === undefined ? [] : [chartYaml, ...(requirements ? [requirements] : [])];
}

/** Of two locks Helm takes the second one, whatever the apiVersion. */
async function readLock(directory: ChartDirectory): Promise<LockFile | undefined> {
  for (const name of ['requirements.lock', 'Chart.lock']) {
    const bytes = await directory.read(name, CHART_YAML_LIMIT);
    const path = join(directory.path, name);
    if (bytes !== undefined)
      return { path, ...inFile(path, () => parseChartLock(withoutMark(Buffer.from(bytes)))) };
  }
  return undefined;
}

async function withMetadata(directory: ChartDirectory, entry: PackedEntry): Promise<UnpackedEntry> {
  if (entry.kind !== 'folder' || entry.problem !== undefined) return entry;
  try {
    const files = await metadataFiles(directory, `charts/${entry.name}/`);
    return files.length === 0 ? entry : { ...entry, metadata: parseChartYaml(files, entry.path) };
  } catch (error) {
    if (error instanceof InputError) return { ...entry, problem: error };
    throw error;
  }
}

function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}
