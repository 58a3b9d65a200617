import { InputError, type SigstoreError } from '../../errors.ts';
import { findArchive, type FoundArchive } from '../archive/archive.ts';
import type { DownloadDirectory, Fetching } from './fetching.ts';
import type {
  AskedWords,
  ChartFiles,
  ChartSource,
  ExpectedChart,
  NamedBundles,
  NamedBytes,
} from '../chart-files.ts';
import type { OfferedFiles } from './offered-files.ts';

/** What was fetched of a chart, completely. */
export interface FetchedFiles extends OfferedFiles {
  /** The path of its archive. */
  readonly path: string;
  readonly expected: ExpectedChart;
  readonly source: ChartSource;
  /** Its provenance. Throws SigstoreError if there is none, or it cannot be fetched. */
  readonly provenance: () => Promise<Uint8Array>;
  /** Why nobody gets it through the gate; absent: it is not behind it, or comes. */
  readonly refused?: SigstoreError;
}

/** The longest provenance, in bytes, that is fetched; real ones have a few kilobytes. */
export const FETCHED_PROVENANCE_LIMIT = 1 << 20;

/** Fetches a chart into an empty directory. */
type FetchInto = (directory: string) => Promise<FetchedFiles>;

/** What is known of a chart before it is fetched. */
export interface Unfetched extends Pick<ChartFiles, 'nameBegins'> {
  /** The reference, without what may be secret. */
  readonly label: string;
  /** The words of the user. */
  readonly asked: AskedWords;
}

/** A chart that is elsewhere: it is fetched once, when it is first asked for; and anew after it was released. */
export class FetchedChart implements ChartFiles {
  readonly isElsewhere = true;
  readonly isProvenanceAlone = false;
  readonly label: string;
  readonly asked: AskedWords;
  readonly nameBegins: string | undefined;
  readonly #directories: Pick<Fetching, 'directory'>;
  readonly #fetch: FetchInto;
  #directory: DownloadDirectory | undefined;
  #fetching: Promise<FetchedFiles> | undefined;
  /** Known also after a release. */
  #fetched: FetchedFiles | undefined;
  #provenance: Promise<Uint8Array> | undefined;
  #evidence: Promise<readonly NamedBytes[]> | undefined;
  #provenanceBundles: Promise<readonly NamedBytes[]> | undefined;
  #bundles: Promise<readonly NamedBundles[]> | undefined;

  constructor(
    { label, asked, nameBegins }: Unfetched,
    directories: Pick<Fetching, 'directory'>,
    fetch: FetchInto,
  ) {
    this.label = label;
    this.asked = asked;
    this.nameBegins = nameBegins;
    this.#directories = directories;
    this.#fetch = fetch;
  }

  get provenanceLabel(): string {
    return `the provenance of ${this.label}`;
  }

  get expected(): ExpectedChart {
    return this.#known.expected;
  }

  get source(): ChartSource {
    return this.#known.source;
  }

  get refused(): SigstoreError | undefined {
    return this.#known.refused;
  }

  async archive(): Promise<FoundArchive> {
    const { path } = await this.#files();
    return await findArchive(path, { label: this.label });
  }

  provenanceSize(): Promise<number> {
    return Promise.resolve(FETCHED_PROVENANCE_LIMIT);
  }

  async provenance(): Promise<Uint8Array> {
    const { provenance } = await this.#files();
    const bytes = await (this.#provenance ??= provenance());
    if (bytes.length === 0) throw new InputError(`${this.provenanceLabel} is empty`);
    return bytes;
  }

  async evidence(): Promise<readonly NamedBytes[]> {
    const { evidence } = await this.#files();
    return await (this.#evidence ??= evidence());
  }

  async bundles(): Promise<readonly NamedBundles[]> {
    const { bundles } = await this.#files();
    return await (this.#bundles ??= bundles());
  }

  async provenanceBundles(): Promise<readonly NamedBytes[]> {
    const { provenanceBundles } = await this.#files();
    return await (this.#provenanceBundles ??= provenanceBundles());
  }

  async release(): Promise<void> {
    // What is still under way writes to the directory until it ends.
    await this.#fetching?.catch(() => undefined);
    const directory = this.#directory;
    this.#directory = this.#fetching = this.#provenance = undefined;
    this.#evidence = this.#bundles = this.#provenanceBundles = undefined;
    await directory?.remove();
  }

  /** Checks that stand on what the reference says must not be left out because nobody knew it yet. */
  get #known(): FetchedFiles {
    if (this.#fetched === undefined) throw new Error(`${this.label} was asked about before it was fetched`);
    return this.#fetched;
  }

  async #files(): Promise<FetchedFiles> {
    this.#fetching ??= this.#fetchAnew();
    return await this.#fetching;
  }

  async #fetchAnew(): Promise<FetchedFiles> {
    this.#directory = await this.#directories.directory();
    return (this.#fetched = await this.#fetch(this.#directory.path));
  }
}
