import type { Sha256 } from '../digest.ts';
import type { SigstoreError } from '../errors.ts';
import type { FoundArchive } from './archive/archive.ts';

/**
 * The files of one chart, wherever they are. Whoever proves a chart takes them from here, and does not care where they
 * come from: `LocalChart` reads paths; each further place is one more class in this folder.
 */
export interface ChartFiles {
  /** What the user, or the list that the chart is in, calls it. */
  readonly label: string;
  /**
   * What is said of the chart where it is listed, or by the reference that names it. Of a chart that is elsewhere it is
   * known when {@link ChartFiles.archive} has found that, and no sooner: to ask before is a defect.
   */
  readonly expected?: ExpectedChart | undefined;
  /** Where the chart came from, and what that chose, if it is no file of the user; known as `expected` is. */
  readonly source?: ChartSource | undefined;
  /** The words with which the user named it, if it is no file; known before anything is fetched. */
  readonly asked?: AskedWords | undefined;
  /**
   * How the file name begins that has to be signed of a chart that is elsewhere, as far as that is known before it is fetched:
   * the whole of it, to its `.tgz`, or `NAME-`; absent where nothing is known.
   */
  readonly nameBegins?: string | undefined;
  /**
   * Why nobody gets it through the gate, so that it must not be accepted whatever is found out; known as `expected` is. Only those
   * who explain a refusal look at such a chart: for all others it cannot be fetched.
   */
  readonly refused?: SigstoreError | undefined;
  /** Whether it is no file of the user, and is fetched when it is first asked for. */
  readonly isElsewhere: boolean;
  /** Which dependency of an unpacked chart it is, if it is one. */
  readonly dependency?: NamedDependency;
  /** Whether a provenance file was named in place of a chart, so that there is no archive to look at. */
  readonly isProvenanceAlone: boolean;
  /** Where its provenance is, for people. */
  readonly provenanceLabel: string;
  /**
   * @throws InputError if there is none, or it is no packed chart by its first bytes
   * @throws SigstoreError `NOT_FOUND` or `UNCHECKED` if it is elsewhere, and is not there or cannot be fetched
   */
  archive(): Promise<FoundArchive>;
  /** How many bytes its provenance has, as far as that can be known without reading it; 0 where there is none. */
  provenanceSize(): Promise<number>;
  /**
   * What proves that it was logged, as it is kept with the chart; empty if nothing is kept.
   * @throws InputError if it cannot be read
   */
  evidence(): Promise<readonly NamedBytes[]>;
  /**
   * Sigstore bundles that show the signature of its provenance on a log, as they are kept with the chart or offered where it
   * is; empty if there are none. @throws InputError
   */
  provenanceBundles(): Promise<readonly NamedBytes[]>;
  /** Sigstore bundles, as they are kept with the chart or offered where it is; empty if there are none. @throws InputError */
  bundles(): Promise<readonly NamedBundles[]>;
  /** The bytes of its provenance. @throws InputError if there is none, it is empty, too long, or cannot be read */
  provenance(): Promise<Uint8Array>;
  /** Removes what was fetched for it. Asked once more, it is fetched anew. Absent: nothing is. */
  release?(): Promise<void>;
}

/**
 * Does the work with a chart, and then removes what was fetched for it, also if the work fails. All work with charts of which
 * there may be many goes through here, so that a run has room for those in work alone.
 */
export async function withChart<Chart extends NamedChart, Result>(
  chart: Chart,
  work: (chart: Chart) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(chart);
  } finally {
    if (hasFiles(chart)) await chart.release?.();
  }
}

/** The words with which a user named a chart that is no file, before anything was resolved. */
export interface AskedWords {
  /** A reference; or the URL of a repository, if there is a chart beside it. */
  readonly reference: string;
  /** The name of the chart in the repository. */
  readonly chart?: string;
}

/** Bytes, and where they are, for people. */
export interface NamedBytes {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Sigstore bundles in the bytes of a file. */
export interface NamedBundles extends NamedBytes {
  /** The bytes of the image manifest of the chart, which may be what they sign; undefined: none is known. */
  readonly manifest?: Uint8Array | undefined;
  /** The text that names that manifest, and that they may sign in its place; undefined: none is known. */
  readonly claim?: Uint8Array | undefined;
}

/** A chart that a command is about, before anything of it was read. */
export type NamedChart = ChartFiles | NoChart | NothingToProve;

/** Charts in an order. They may be made one by one, when somebody goes through them, and anew each time. */
export interface NamedCharts extends Iterable<NamedChart> {
  readonly length: number;
}

/** What was named in place of a chart, and why no chart can be looked for there. */
interface NoChart {
  readonly label: string;
  readonly problem: SigstoreError;
  /** Which dependency of an unpacked chart it is, if it is one. */
  readonly dependency?: NamedDependency;
}

/** What was named has no charts that could be proven, and that is as it should be. */
interface NothingToProve {
  readonly label: string;
  /** For people: what it does not have. */
  readonly nothing: string;
}

/** A chart that another one, a directory, needs. */
export interface NamedDependency {
  /** The directory of the chart that needs it, as the user wrote it. */
  readonly of: string;
  readonly name: string;
  /** As the lock has it; absent where none lists it. */
  readonly version?: string;
  readonly repository?: string;
}

/** Whether a chart can be looked for. */
export function hasFiles(chart: NamedChart): chart is ChartFiles {
  return !('problem' in chart || 'nothing' in chart);
}

/** Who says what is expected of a chart. */
export type Expecting = 'index' | 'reference' | 'lock' | 'file name';

/**
 * What the index of a repository, the reference of the user or a lock says of a chart. Nobody signed that, so each word is
 * held against what is signed.
 */
export interface ExpectedChart {
  /** Who says it; absent: an index. */
  readonly source?: Expecting;
  /** The names that it gives the chart: one if the entry of an index and the list of the entry agree, else both. */
  readonly names: readonly string[];
  /** Absent where none is said: the repository chose one. */
  readonly version?: string;
  /** Where a file name can be read in several ways: the chart has to be one of these. */
  readonly readings?: readonly { readonly name: string; readonly version: string }[];
  /** `NAME-VERSION.tgz`: the file name that has to be signed. */
  readonly signedName: string;
  /** Of the archive; absent where nobody says it. */
  readonly sha256?: Sha256;
}

/** Where a chart came from that is no file of the user. */
export interface ChartSource {
  /** How it was named: by a URL, in a registry, as `REPO/CHART`, with `--repo`, or by a scheme of a plugin of Helm. */
  readonly form: 'url' | 'oci' | 'repository' | 'repository-url' | 'helm';
  /** As the user named it, normalised, without the query of a URL. */
  readonly reference: string;
  /** Where the archive was fetched, if that is known; without its query. */
  readonly url?: string;
  /** Of the manifest in a registry. */
  readonly digest?: Sha256;
  /** The version that was chosen, if the user named no exact one and it is known; foreign text. */
  readonly version?: string;
  /** Who chose the version, if the user named no exact one. */
  readonly versionChosenBy?: 'repository';
}
