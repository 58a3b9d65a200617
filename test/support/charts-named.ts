import {
  findArchive,
  type Archive,
  type OpenedArchive,
  type UnpackedArchive,
} from '../../src/chart/archive/archive.ts';
import { hasFiles, type ExpectedChart, type NamedChart } from '../../src/chart/chart-files.ts';
import type { SigstoreError } from '../../src/errors.ts';

/** Why no chart can be looked for under this name, if none can. */
export function problemOf(chart: NamedChart | undefined): SigstoreError | undefined {
  return chart !== undefined && 'problem' in chart ? chart.problem : undefined;
}

/** What whoever names a chart says of it. */
export function expectedOf(chart: NamedChart | undefined): ExpectedChart | undefined {
  return chart !== undefined && hasFiles(chart) ? chart.expected : undefined;
}

/** Reads the archive at this path. */
export async function readArchive(path: string): Promise<Archive> {
  return await (await findArchive(path)).read();
}

/** Looks into the archive at this path. */
export async function openArchive(path: string): Promise<OpenedArchive> {
  return await (await findArchive(path)).open();
}

/** Looks into the archive at this path, and into those in it. */
export async function unpackArchive(path: string): Promise<UnpackedArchive> {
  return await (await findArchive(path)).unpack();
}
