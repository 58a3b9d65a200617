import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { decodeUserText } from '../../user-text.ts';
import { addJson } from './index-json.ts';
import { IndexCutter, type IndexPiece } from './index-pieces.ts';
import { isMapping } from '../yaml/mapping.ts';
import type { NamedCharts } from '../chart-files.ts';
import { IndexReader, type OnVersion } from './repository-index.ts';
import { parseYamlAsGo } from '../yaml/yaml.ts';

/** Those of the largest public repositories have this size, in bytes. */
const INDEX_LIMIT = 16 << 20;

/** Up to this size, in bytes, an index may be YAML of any form. */
const ANY_FORM_LIMIT = 1 << 19;

/** The most YAML nodes that such an index may have. */
const ANY_FORM_NODES = 40_000;

/** Whether an index of so many bytes may be YAML of any form. */
export function isAnyForm(size: number): boolean {
  return size <= ANY_FORM_LIMIT;
}

/** Parses the index of a repository from its bytes, of which it keeps as few as it can. */
export class IndexParser {
  readonly #reader: IndexReader;
  readonly #cutter = new IndexCutter();
  /** What cannot be parsed before all of it is there. */
  #kept: Buffer = Buffer.alloc(0);
  #form: 'any' | 'JSON' | 'pieces' = 'any';
  #size = 0;

  /**
   * @param place where the index is, for messages
   * @param directory where the archives are
   * @param onVersion is told of every version that can be read
   */
  constructor(place: string, directory: string, onVersion?: OnVersion) {
    this.#reader = new IndexReader(place, directory, onVersion);
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds the next bytes. @throws MalformedError if there are more than any index has, or they are no index */
  add(bytes: Uint8Array): void {
    const start = this.#size;
    this.#size += bytes.length;
    if (this.#size > INDEX_LIMIT)
      throw new MalformedError(`expected at most ${INDEX_LIMIT} bytes, found more`);
    if (this.#form === 'pieces') {
      this.#addPieces(this.#cutter.add(bytes));
      return;
    }
    // Allocated once for the largest index: memory that is never written to costs nothing.
    if (this.#kept.length === 0) this.#kept = Buffer.allocUnsafeSlow(INDEX_LIMIT);
    this.#kept.set(bytes, start);
    if (isAnyForm(this.#size) || this.#form === 'JSON') return;
    const all = this.#kept.subarray(0, this.#size);
    this.#form = isJson(all) ? 'JSON' : 'pieces';
    if (this.#form === 'JSON') return;
    this.#addPieces(this.#cutter.add(all));
    this.#kept = Buffer.alloc(0);
  }

  /** All charts, when all bytes were added. @throws MalformedError and InputError as `IndexReader` does */
  charts(): NamedCharts {
    const all = this.#kept.subarray(0, this.#size);
    if (this.#form === 'pieces') this.#addPieces(this.#cutter.end());
    else if (this.#form === 'any')
      this.#reader.addDocument(parseYamlAsGo(decodeUserText(all), ANY_FORM_NODES));
    else addJson(this.#reader, all);
    return this.#reader.charts();
  }

  #addPieces(pieces: Iterable<IndexPiece>): void {
    for (const { isEntry, isMore, yaml } of pieces) {
      const document = parseYamlAsGo(yaml);
      if (isEntry) this.#reader.addEntry(...onlyMember(document, yaml), isMore);
      else this.#reader.addRest(document);
    }
  }
}

function isJson(bytes: Uint8Array): boolean {
  return bytes[bytes.findIndex((byte) => byte > 0x20)] === OPEN_BRACE;
}

const OPEN_BRACE = 0x7b;

function onlyMember(document: unknown, yaml: string): [name: string, value: unknown] {
  const entries = isMapping(document) ? Object.entries(document) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1)
    throw new MalformedError(`expected a chart and its versions, found ${excerpt(yaml)}`);
  return entry;
}
