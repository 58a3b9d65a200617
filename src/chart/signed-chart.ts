import { InputError, MalformedError } from '../errors.ts';
import { parseProvenance, type Provenance } from '../provenance/provenance.ts';
import type { Archive } from './archive/archive.ts';
import type { ChartFiles } from './chart-files.ts';

/** A chart's archive with its provenance. */
export interface SignedChart {
  readonly archive: Archive;
  readonly provenance: Provenance;
}

/** A chart whose provenance was read, while its archive, which may be large, still is. */
export interface OpenedChart {
  readonly provenance: Provenance;
  /** Rejects with InputError if the archive cannot be read or is no gzip file. */
  readonly archive: Promise<Archive>;
}

/**
 * Begins to read the archive of a chart, and its provenance.
 * @throws InputError if there is no archive, or the provenance cannot be read or is malformed
 */
export async function openSignedChart(chart: ChartFiles): Promise<OpenedChart> {
  const found = await chart.archive();
  const provenance = await readProvenance(chart);
  const archive = found.read();
  // The caller gets the error when it waits for the archive. Until then it is not an unhandled one.
  archive.catch(() => undefined);
  return { provenance, archive };
}

/**
 * The archive of a chart and its provenance, parsed, not verified.
 * @throws InputError if one of them cannot be read or is not what it should be
 */
export async function readSignedChart(chart: ChartFiles): Promise<SignedChart> {
  const archive = await (await chart.archive()).read();
  return { archive, provenance: await readProvenance(chart) };
}

/**
 * The provenance of a chart, parsed, not verified.
 * @throws InputError if it cannot be read or is no provenance
 */
export async function readProvenance(
  chart: Pick<ChartFiles, 'provenance' | 'provenanceLabel'>,
): Promise<Provenance> {
  const bytes = await chart.provenance();
  try {
    return parseProvenance(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const { pageHint, REPLACE_PROVENANCE } = await import('./archive/operand-hints.ts');
    const hint = pageHint(bytes) ?? REPLACE_PROVENANCE;
    throw new InputError(`${chart.provenanceLabel} is no provenance file: ${error.message}`, hint);
  }
}
