import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import type { NamedChart } from './named-chart.ts';
import { readPathList } from './path-list.ts';
import { readText } from './text-file.ts';

/** Those of large public repositories have 20 MB. */
const INDEX_LIMIT = 50 << 20;

/**
 * The charts that an operand stands for: a folder for the archives in it, the index of a repository (a file named
 * `….yaml`) for every version that it names, anything else for itself. Where it stands for none, that is its problem.
 * @param archives where the archives of an index are; undefined: beside it
 */
export async function chartsAt(path: string, archives: string | undefined): Promise<readonly NamedChart[]> {
  try {
    if (isIndex(path)) return await chartsOfIndexFile(path, archives ?? dirname(path));
    return !isArchive(path) && (await isFolder(path)) ? await chartsInFolder(path) : [{ path }];
  } catch (error) {
    if (error instanceof InputError) return [{ path, problem: error }];
    throw error;
  }
}

/** Whether an operand is taken for the index of a repository. */
export function isIndex(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

/** The charts that a list in a file names, see {@link readPathList}. */
export async function chartsListedIn(path: string): Promise<readonly NamedChart[]> {
  return await readPathList(createReadStream(path) as AsyncIterable<Buffer>, path);
}

function isArchive(path: string): boolean {
  return path.endsWith('.tgz');
}

async function chartsOfIndexFile(path: string, archives: string): Promise<readonly NamedChart[]> {
  const text = await readText(createReadStream(path) as AsyncIterable<Buffer>, path, INDEX_LIMIT);
  // The reader of YAML is loaded for those who need it.
  const { chartsOfIndex } = await import('./repository-index.ts');
  return chartsOfIndex(text, path, archives);
}

/** What a shell finds for `*.tgz`, in the order of their bytes. */
async function chartsInFolder(folder: string): Promise<readonly NamedChart[]> {
  const names = (await list(folder)).filter((name) => isArchive(name) && !name.startsWith('.'));
  if (names.length === 0) throw new InputError(`there is no chart (*.tgz) in ${folder}`);
  return names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => ({ path: join(folder, name) }));
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new InputError(`cannot read the folder ${folder}: ${messageOf(error)}`);
  }
}

/** What is missing is looked at later, as a chart. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
