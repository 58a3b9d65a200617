import type { Described } from '../chart/archive/description.ts';
import type { Sha256 } from '../digest.ts';
import { pathsOf, type MirroredSigners } from './manifest.ts';

/** A chart that was proven, with all that is kept of it. */
export interface ProvenChart {
  /** Where it was found, as the user wrote it. */
  readonly label: string;
  /** The file name that was signed: that of its archive in the mirror. */
  readonly signedName: string;
  readonly name: string;
  readonly version: string;
  /** What else its Chart.yaml says. */
  readonly description: Readonly<Record<string, Described>>;
  /** Of the archive that was proven. */
  readonly sha256: Sha256;
  readonly chunks: () => AsyncIterable<Uint8Array>;
  readonly signers: MirroredSigners;
  /** Where its signature is by OpenPGP. */
  readonly provenance?: Uint8Array | undefined;
  /** Makes its evidence, where an entry of a log proved it. It is called when no other chart of this name is being put into the mirror. */
  readonly evidence?: (() => Promise<Uint8Array>) | undefined;
  /** The bundle of its provenance, where that proved it. */
  readonly provenanceBundle?: Uint8Array | undefined;
  /** The Sigstore bundle that proved it, with the image manifest if it signs that, and the text that names this if it signs the text. */
  readonly bundle?:
    | {
        readonly bytes: Uint8Array;
        readonly manifest?: Uint8Array | undefined;
        readonly claim?: Uint8Array | undefined;
      }
    | undefined;
}

/** A file of a chart beside its archive. */
interface FileBeside {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What it is for the error that another one of its name is there; undefined: it replaces the other one. */
  readonly own?: string;
}

/** What is kept of a chart beside its archive. */
export async function filesBeside(chart: ProvenChart): Promise<readonly FileBeside[]> {
  const paths = pathsOf(chart.signedName);
  const evidence = await chart.evidence?.();
  const own = `${chart.label}.prov`;
  return [
    ...(chart.provenance ? [{ path: paths.provenance, bytes: chart.provenance, own }] : []),
    ...(evidence ? [{ path: paths.evidence, bytes: evidence }] : []),
    ...(chart.provenanceBundle ? [{ path: paths.provenanceBundle, bytes: chart.provenanceBundle }] : []),
    ...(chart.bundle ? [{ path: paths.bundle, bytes: chart.bundle.bytes }] : []),
    ...(chart.bundle?.manifest ? [{ path: paths.manifest, bytes: chart.bundle.manifest }] : []),
    ...(chart.bundle?.claim ? [{ path: paths.claim, bytes: chart.bundle.claim }] : []),
  ];
}
