import { isWithoutProvenance } from '../chart/no-provenance.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import type { Sha256 } from '../digest.ts';
import { MalformedError } from '../errors.ts';

/**
 * The provenance of a chart that passes without being proven, or by a bundle, at which nobody looked; undefined: there is
 * none of this archive.
 * @throws SigstoreError if it cannot be had
 */
export async function unjudgedProvenance(chart: ChartFiles, sha256: Sha256): Promise<Uint8Array | undefined> {
  try {
    const bytes = await chart.provenance();
    const { parseProvenance } = await import('../provenance/provenance.ts');
    const { files } = parseProvenance(bytes).document;
    return files.some((file) => file.sha256 === sha256) ? bytes : undefined;
  } catch (error) {
    if (isWithoutProvenance(error) || error instanceof MalformedError) return undefined;
    throw error;
  }
}
