import type { FoundArchive } from '../archive/archive.ts';
import type {
  AskedWords,
  ChartFiles,
  ChartSource,
  ExpectedChart,
  NamedBundles,
  NamedBytes,
  NamedDependency,
} from '../chart-files.ts';
import { expectedOfLock, type LockedDependency, type PublishedFinder } from './locked-chart.ts';

/** A chart that a lock lists, as its repository has it: fetched when it is first asked for. */
export class PublishedDependency implements ChartFiles {
  readonly isElsewhere = true;
  readonly isProvenanceAlone = false;
  readonly label: string;
  readonly asked: AskedWords;
  readonly dependency: NamedDependency;
  readonly #listed: LockedDependency;
  readonly #findPublished: PublishedFinder;
  #finding: Promise<ChartFiles> | undefined;
  #found: ChartFiles | undefined;

  /** @param of the directory of the chart that needs it */
  constructor(of: string, listed: LockedDependency, published: PublishedFinder) {
    const { name, version, repository } = listed;
    this.label = `${name} ${version} of ${repository}`;
    this.asked = { reference: repository, chart: name };
    this.dependency = { of, ...listed };
    this.#listed = listed;
    this.#findPublished = published;
  }

  /** The name that its archive gets in `charts/`. */
  get fileName(): string {
    return expectedOfLock(this.#listed).signedName;
  }

  get provenanceLabel(): string {
    return this.#found?.provenanceLabel ?? `the provenance of ${this.label}`;
  }

  /** What the lock says, and the digest that the index of the repository has. */
  get expected(): ExpectedChart {
    const { names, sha256 } = this.#known.expected ?? { names: [] };
    const ofLock = expectedOfLock(this.#listed);
    return {
      ...ofLock,
      names: [...new Set([...ofLock.names, ...names])],
      ...(sha256 !== undefined && { sha256 }),
    };
  }

  get source(): ChartSource | undefined {
    return this.#known.source;
  }

  async archive(): Promise<FoundArchive> {
    return await (await this.#find()).archive();
  }

  async provenanceSize(): Promise<number> {
    return await (await this.#find()).provenanceSize();
  }

  async provenance(): Promise<Uint8Array> {
    return await (await this.#find()).provenance();
  }

  async bundles(): Promise<readonly NamedBundles[]> {
    return await (await this.#find()).bundles();
  }

  async provenanceBundles(): Promise<readonly NamedBytes[]> {
    return await (await this.#find()).provenanceBundles();
  }

  async evidence(): Promise<readonly NamedBytes[]> {
    return await (await this.#find()).evidence();
  }

  async release(): Promise<void> {
    await this.#found?.release?.();
  }

  get #known(): ChartFiles {
    if (this.#found === undefined) throw new Error(`${this.label} was asked about before it was fetched`);
    return this.#found;
  }

  async #find(): Promise<ChartFiles> {
    this.#finding ??= this.#findPublished(this.#listed);
    return (this.#found ??= await this.#finding);
  }
}
