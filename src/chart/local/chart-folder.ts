import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import type { NamedChart } from '../chart-files.ts';
import { LocalChart } from '../local-chart.ts';

/**
 * The archives in a folder: what a shell finds for `*.tgz`, in the order of their bytes.
 * @throws InputError if there are none, or it cannot be read
 */
export async function chartsInFolder(folder: string): Promise<readonly NamedChart[]> {
  const all = await list(folder);
  const names = all.filter((name) => name.endsWith('.tgz') && !name.startsWith('.'));
  if (names.length === 0) throw noCharts(folder, all.includes('Chart.yaml'));
  return names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => new LocalChart(join(folder, name)));
}

function noCharts(folder: string, isUnpacked: boolean): InputError {
  if (!isUnpacked)
    return new InputError(
      `there is no chart (*.tgz) in ${folder}`,
      'folders in it are not looked into: name the one that has the archives, or list them with find and --from-file -',
    );
  const hint = {
    publisher: `helm package ${folder} makes one, and helm sigstore sign signs that`,
    consumer:
      'only packed charts are signed: get this one with helm pull --prov; if there is none, its publisher has to sign the chart',
  };
  return new InputError(
    `${folder} is an unpacked chart: expected a packed one (*.tgz), found its Chart.yaml`,
    hint,
  );
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new InputError(`cannot read the folder ${folder}: ${messageOf(error)}`);
  }
}
