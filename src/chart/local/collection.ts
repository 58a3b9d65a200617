import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.ts';
import type { NamedCharts } from '../chart-files.ts';
import { LocalChart } from '../local-chart.ts';

/** How charts are looked for. */
export interface CollectionOptions {
  /** Where the archives of an index are; undefined: beside it. */
  readonly archives?: string | undefined;
  /** The charts that an unpacked chart stands for; undefined: none, as only packed charts are signed. */
  readonly ofUnpacked?: ((path: string) => Promise<NamedCharts>) | undefined;
}

/**
 * The charts that an operand stands for. A folder stands for the archives in it, the index of a repository (a
 * file named `….yaml`) for every version that it names, anything else for itself. If there is no chart, the
 * result is the problem.
 */
export async function chartsAt(
  path: string,
  { archives, ofUnpacked }: CollectionOptions,
): Promise<NamedCharts> {
  try {
    if (isIndex(path)) {
      // The reader of YAML is loaded for those who need it.
      const { readIndexFile } = await import('./index-file.ts');
      return await readIndexFile(path, archives ?? dirname(path));
    }
    if (path.endsWith('.tgz') || !(await isFolder(path))) return [new LocalChart(path)];
    if (ofUnpacked !== undefined && (await isThere(join(path, 'Chart.yaml')))) return await ofUnpacked(path);
    const { chartsInFolder } = await import('./chart-folder.ts');
    return await chartsInFolder(path);
  } catch (error) {
    if (error instanceof InputError) return [{ label: path, problem: error }];
    throw error;
  }
}

/** Whether an operand is taken for the index of a repository. */
export function isIndex(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** False for a missing path: it is reported later, as a missing chart. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
