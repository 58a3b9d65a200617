import { join } from 'node:path';
import { findArchive } from '../chart/archive/archive.ts';
import { InputError } from '../errors.ts';
import { MEND } from './carried-files.ts';
import { measureInside, OddFileError } from './file-inside.ts';
import { filesOf, type Manifest, type MirroredChart, type MirroredFile } from './manifest.ts';
import type { KeptChart } from './mirror.ts';

/**
 * What became of a chart that an earlier run put into the mirror:
 * - `kept`: it is there as it was
 * - `gone`: all of its files are gone, so somebody took it out
 * - `damaged`: its files are not what they were; they stay in the manifest as they were
 */
export type EarlierChart =
  | { readonly kind: 'kept'; readonly kept: KeptChart }
  | { readonly kind: 'gone'; readonly chart: MirroredChart }
  | {
      readonly kind: 'damaged';
      readonly chart: MirroredChart;
      readonly files: readonly MirroredFile[];
      /** What is wrong, for people. */
      readonly problem: InputError;
    };

/**
 * Looks at the charts of a manifest that a run does not put there itself, in its order.
 * @param isKept whether the run has put a chart with this archive there
 */
export async function* earlierCharts(
  directory: string,
  { charts, files }: Manifest,
  isKept: (archive: string) => boolean,
): AsyncGenerator<EarlierChart, void, void> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const chart of charts) {
    if (isKept(chart.archive)) continue;
    const own = filesOf(chart.archive).flatMap((path) => byPath.get(path) ?? []);
    yield await lookAt(directory, chart, own);
  }
}

async function lookAt(
  directory: string,
  chart: MirroredChart,
  files: readonly MirroredFile[],
): Promise<EarlierChart> {
  try {
    const found = await Promise.all(files.map(({ path }) => measureInside(directory, path)));
    if (found.every((file) => file === undefined)) return { kind: 'gone', chart };
    const at = files.findIndex(({ sha256 }, number) => found[number]?.sha256 !== sha256);
    const wrong = files[at]?.path;
    if (wrong !== undefined)
      throw new InputError(
        `${join(directory, wrong)} is ${found[at] === undefined ? 'missing' : 'altered'}`,
        MEND,
      );
    return { kind: 'kept', kept: await openKept(directory, chart, files) };
  } catch (error) {
    if (error instanceof InputError) return { kind: 'damaged', chart, files, problem: error };
    if (error instanceof OddFileError)
      return {
        kind: 'damaged',
        chart,
        files,
        problem: new InputError(`${directory}: ${error.message}`, MEND),
      };
    throw error;
  }
}

async function openKept(
  directory: string,
  chart: MirroredChart,
  files: readonly MirroredFile[],
): Promise<KeptChart> {
  const { describeChart } = await import('../chart/archive/description.ts');
  const path = join(directory, chart.archive);
  const { metadata, sha256 } = await (await findArchive(path)).open();
  const description = describeChart(metadata, `Chart.yaml in ${path}`);
  return { chart, files, sha256, description, wasThere: true };
}
