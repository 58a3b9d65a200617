import { join } from 'node:path';
import type { Sha256 } from '../../digest.ts';
import { InputError } from '../../errors.ts';
import type { ExpectedChart, NamedChart, NamedCharts } from '../chart-files.ts';
import { LocalChart } from '../local-chart.ts';

/** What the index of a repository says of a version of a chart, and the file name that its archive has. */
export interface IndexedVersion extends Omit<ExpectedChart, 'signedName'> {
  readonly version: string;
  /** Where its archive is, as the index says it: foreign text, absolute or relative to the repository. */
  readonly url: string;
  /** Where the index says that the archive is, if that is a registry: an `oci://` URL, as foreign text. */
  readonly registry?: string;
  readonly fileName: string;
}

/**
 * The charts of an index. They are kept as bytes, and made when they are asked for. A large repository has
 * tens of thousands: as objects they would take five times the memory, and V8 lets garbage grow to four times
 * of what is kept.
 */
export class IndexedCharts implements NamedCharts {
  readonly #directory: string;
  readonly #blocks: Buffer[] = [];
  #open: string[] = [];
  #length = 0;

  /** @param directory where the archives are */
  constructor(directory: string) {
    this.#directory = directory;
  }

  get length(): number {
    return this.#length;
  }

  add({ names, version, fileName, sha256, registry }: Omit<IndexedVersion, 'url'>): void {
    const isUsual = fileName === signedNameOf(names, version);
    this.#keep([names, version, sha256 ?? null, isUsual ? null : fileName, registry ?? null]);
  }

  /** @param place what stands in place of a path */
  addProblem(place: string, message: string): void {
    this.#keep([place, message]);
  }

  *[Symbol.iterator](): Generator<NamedChart> {
    for (const block of [...this.#blocks, Buffer.from(this.#open.join('\n'))])
      for (const line of block.toString('utf8').split('\n')) if (line !== '') yield this.#chartOf(line);
  }

  #keep(record: Good | Bad): void {
    this.#length += 1;
    this.#open.push(JSON.stringify(record));
    if (this.#open.length < BLOCK) return;
    this.#blocks.push(Buffer.from(this.#open.join('\n')));
    this.#open = [];
  }

  #chartOf(line: string): NamedChart {
    const record = JSON.parse(line) as Good | Bad;
    if (record.length === 2) return { label: record[0], problem: new InputError(record.join(': ')) };
    const [names, version, sha256, fileName, registry] = record;
    const signedName = signedNameOf(names, version);
    const expected = { names, version, signedName, ...(sha256 !== null && { sha256 }) };
    const path = join(this.#directory, fileName ?? signedName);
    return new LocalChart(path, { expected, registry: registry ?? undefined });
  }
}

type Good = readonly [
  names: readonly string[],
  version: string,
  sha256: Sha256 | null,
  fileName: string | null,
  registry: string | null,
];
type Bad = readonly [place: string, message: string];

/** Charts that are kept in one piece of memory. */
const BLOCK = 500;

/** Made with the first name, which is that of its list in the index. */
export function signedNameOf([name = '']: readonly string[], version: string): string {
  return `${name}-${version}.tgz`;
}
