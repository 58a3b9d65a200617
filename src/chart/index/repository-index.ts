import { excerpt } from '../../encoding.ts';
import { InputError, MalformedError } from '../../errors.ts';
import type { NamedCharts } from '../chart-files.ts';
import { IndexedCharts, type IndexedVersion } from './indexed-charts.ts';
import { readVersion } from './indexed-version.ts';
import { isMapping, membersOf } from '../yaml/mapping.ts';
import { requireNoMerge, requireOneReading } from '../yaml/one-reading.ts';

/** The members of an index that are read. */
const MEMBERS = ['apiVersion', 'entries'];

/** Is told of every version that can be read, with its members and the name of the list that it is in. */
export type OnVersion = (
  version: IndexedVersion,
  listed: { readonly key: string; readonly members: Readonly<Record<string, unknown>> },
) => void;

/** More than the largest public repositories have. */
const MAX_VERSIONS = 50_000;

/** The most versions that make no sense: each is reported as a problem of its own. */
const MAX_ODD = 1000;

/**
 * Makes charts of the index of a repository (`index.yaml`, as `helm repo index` writes it): one of every
 * version that it names, in its order, see {@link readVersion}. The index is foreign: an archive in it whose
 * name is no plain file name is reported as a problem.
 */
export class IndexReader {
  readonly #place: string;
  readonly #onVersion: OnVersion | undefined;
  readonly #charts: IndexedCharts;
  readonly #names = new Set<string>();
  /** Of the chart that was added last: how many versions it has. */
  #versions = 0;
  #odd = 0;
  #hasApiVersion = false;
  #hasEntries = false;

  /**
   * @param place where the index is, for messages
   * @param directory where the archives are
   * @param onVersion is told of every version that can be read
   */
  constructor(place: string, directory: string, onVersion?: OnVersion) {
    this.#place = place;
    this.#onVersion = onVersion;
    this.#charts = new IndexedCharts(directory);
  }

  /** Adds a whole index. @throws MalformedError if it is no index, or could be read in two ways */
  addDocument(document: unknown): void {
    const { entries, ...rest } = membersOf(document);
    requireOneReading(Object.keys(membersOf(document)), MEMBERS);
    this.addRest(rest);
    if (!isMapping(entries))
      throw new MalformedError('expected apiVersion and entries, found another document');
    this.#hasEntries = true;
    for (const [name, versions] of Object.entries(entries)) this.addEntry(name, versions);
  }

  /** Adds all but the entries. @throws MalformedError if they are there as well, or it could be read in two ways */
  addRest(document: unknown): void {
    const rest = membersOf(document);
    requireOneReading(Object.keys(rest), MEMBERS);
    if (Object.hasOwn(rest, 'entries'))
      throw new MalformedError(
        this.#hasEntries
          ? 'it has "entries" twice'
          : 'expected entries in lines below, found them in another form',
      );
    const version = rest['apiVersion'];
    // Helm requires one, and accepts any.
    this.#hasApiVersion = version !== undefined && version !== null && version !== '';
  }

  /**
   * Adds a chart.
   * @param isMore whether these are more versions of the chart that was added last
   * @throws MalformedError if it was added before, or if there are more versions than any index has
   */
  addEntry(name: string, versions: unknown, isMore = false): void {
    this.#hasEntries = true;
    requireNoMerge(name);
    if (!isMore) {
      if (this.#names.has(name))
        throw new MalformedError(`expected each chart once, found ${excerpt(name)} twice`);
      this.#names.add(name);
      this.#versions = 0;
    }
    for (const version of versionsIn(versions)) {
      this.#versions += 1;
      if (this.#charts.length === MAX_VERSIONS)
        throw new MalformedError(`expected at most ${MAX_VERSIONS} versions of charts, found more`);
      this.#addVersion(name, version);
    }
  }

  /** All that were added. @throws MalformedError if that is no index; InputError if it names no charts */
  charts(): NamedCharts {
    if (!this.#hasApiVersion || !this.#hasEntries)
      throw new MalformedError('expected apiVersion and entries, found another document');
    if (this.#charts.length === 0) throw new InputError(`the index ${this.#place} names no charts`);
    return this.#charts;
  }

  #addVersion(name: string, entry: unknown): void {
    try {
      const version = readVersion(name, entry);
      this.#charts.add(version);
      this.#onVersion?.(version, { key: name, members: membersOf(entry) });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      if (++this.#odd > MAX_ODD)
        throw new MalformedError(`expected at most ${MAX_ODD} versions that make no sense, found more`);
      this.#charts.addProblem(`${this.#place}: version ${this.#versions} of ${excerpt(name)}`, error.message);
    }
  }
}

/** Where nothing stands, Helm sees an empty list. */
function versionsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === '' ? [] : [value];
}
