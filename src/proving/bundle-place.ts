import type { ChartFiles, NamedBytes } from '../chart/chart-files.ts';
import { LocalChart } from '../chart/local-chart.ts';
import { InputError, messageOf, UsageError } from '../errors.ts';
import { PROVENANCE_BUNDLE_ENDING } from '../evidence/sigstore-bundle.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Attaching } from './attach-uploaded.ts';

/** Where the bundle of a provenance is kept, with its chart. */
export interface BundlePlace {
  /** For people. */
  readonly label: string;
  /** What is kept there. @throws InputError if it cannot be read */
  readonly present: () => Promise<readonly NamedBytes[]>;
  /** Whether a bundle that does not hold makes room, or others stand beside it. */
  readonly mayReplace: boolean;
  /** Keeps a bundle, in one step. @returns where. @throws SigstoreError if that cannot be done */
  readonly keep: (bundle: Uint8Array) => Promise<string>;
}

/**
 * Where the bundle of a chart belongs: beside the file, or in its registry.
 * @param attaching attaches to charts in registries, if the user wants that
 * @param replaces whether what is beside a file is written anew
 * @throws UsageError if the chart is in a registry, and nothing is to be attached there
 */
export function bundlePlaceOf(
  chart: ChartFiles,
  attaching: Attaching | undefined,
  replaces: boolean,
): BundlePlace {
  const present = async () => await chart.provenanceBundles();
  if (chart instanceof LocalChart) {
    const label = chart.label + PROVENANCE_BUNDLE_ENDING;
    return { label, present, mayReplace: replaces, keep: async (bundle) => await write(label, bundle) };
  }
  if (attaching === undefined)
    throw new UsageError(
      `expected --attach for ${chart.label}: the bundle that proves it is kept nowhere else, and no log of version 2 can be searched`,
      'give --attach, which puts it beside the chart in its registry',
    );
  const keep = async (bundle: Uint8Array) => await attaching.attachBundle(chart, bundle);
  return { label: chart.label, present, mayReplace: true, keep };
}

async function write(path: string, bundle: Uint8Array): Promise<string> {
  try {
    // It is for everybody, as the chart is.
    await replaceFile(path, bundle, { mode: 0o644 });
    return path;
  } catch (error) {
    throw new InputError(
      `the signature is logged, and ${path} cannot be written: ${messageOf(error)}`,
      'upload the chart again, which does no harm',
      { cause: error },
    );
  }
}
