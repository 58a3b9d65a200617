import { lstat } from 'node:fs/promises';
import type { AskedWords, ChartFiles, ExpectedChart, NamedBytes, NamedDependency } from '../chart-files.ts';
import { LocalChart } from '../local-chart.ts';

/** A chart that a lock lists, of a repository. */
export interface LockedDependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** Finds the chart that a lock lists where its repository has it. Throws SigstoreError if there can be none. */
export type PublishedFinder = (dependency: LockedDependency) => Promise<ChartFiles>;

/**
 * A packed chart in the `charts/` of another, and which one the lock of that lists. Its provenance is the one beside it, else
 * the one that the repository has; evidence is where the provenance is.
 */
export class LockedChart extends LocalChart {
  readonly dependency: NamedDependency;
  /** Of one that nobody publishes the name alone chooses the rule of a policy, as of a file. */
  readonly asked?: AskedWords;
  readonly #published: (() => Promise<ChartFiles>) | undefined;
  #origin: Promise<ChartFiles | undefined> | undefined;
  #label: string | undefined;

  /**
   * @param path of the archive
   * @param of the directory of the chart that needs it
   * @param published where the repository has it; absent: nowhere that can be asked
   */
  constructor(path: string, of: string, dependency: LockedDependency, published?: PublishedFinder) {
    super(path, { expected: expectedOfLock(dependency) });
    this.dependency = { of, ...dependency };
    if (!isLocal(dependency.repository))
      this.asked = { reference: dependency.repository, chart: dependency.name };
    this.#published = published && (() => published(dependency));
  }

  /** Known when evidence or provenance was found: what a server offers is another matter than what the user keeps. */
  override get isElsewhere(): boolean {
    return this.#label !== undefined;
  }

  override get provenanceLabel(): string {
    return this.#label ?? super.provenanceLabel;
  }

  override async provenance(): Promise<Uint8Array> {
    const origin = await this.#found();
    return origin === undefined ? await super.provenance() : await origin.provenance();
  }

  override async evidence(): Promise<readonly NamedBytes[]> {
    const beside = await super.evidence();
    if (beside.length > 0) return beside;
    return (await (await this.#found())?.evidence()) ?? [];
  }

  override async provenanceBundles(): Promise<readonly NamedBytes[]> {
    const beside = await super.provenanceBundles();
    if (beside.length > 0) return beside;
    return (await (await this.#found())?.provenanceBundles()) ?? [];
  }

  async release(): Promise<void> {
    await (await this.#origin?.catch(() => undefined))?.release?.();
  }

  /** Whether its provenance is beside it. */
  async isSignedHere(): Promise<boolean> {
    return await lstat(super.provenanceLabel).then(
      () => true,
      () => false,
    );
  }

  /** Where its provenance is, unless that is beside it. */
  #found(): Promise<ChartFiles | undefined> {
    return (this.#origin ??= this.#find());
  }

  async #find(): Promise<ChartFiles | undefined> {
    if (this.#published === undefined || (await this.isSignedHere())) return undefined;
    const origin = await this.#published();
    this.#label = origin.provenanceLabel;
    return origin;
  }
}

/** Whether nobody publishes it: it is of the machine of the author. */
export function isLocal(repository: string): boolean {
  return repository === '' || repository.startsWith('file://');
}

/** What a lock says of a chart. */
export function expectedOfLock({ name, version }: LockedDependency): ExpectedChart {
  return { source: 'lock', names: [name], version, signedName: `${name}-${version}.tgz` };
}
