import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { CHART_YAML_LIMIT } from './limits.ts';
import { readMembers, type MemberReader, type NextPiece } from './tar-members.ts';

/** The files of an archive that say which chart it is, in the order in which Helm reads them: the last one counts. */
export type MetadataFiles = readonly Uint8Array[];

/**
 * The Chart.yaml of a gzipped tar archive, found as Helm finds it. It reads every file named Chart.yaml, then every
 * requirements.yaml, and each overwrites what was read before.
 * @throws MalformedError if the bytes are no such archive, Helm refuses it, or it has no such file
 */
export async function findChartYaml(pull: NextPiece): Promise<MetadataFiles> {
  const found = new FoundMetadata();
  await readMembers(pull, (path, name) => {
    found.see(name);
    return found.readerOf(path);
  });
  found.requireChartYaml();
  return found.files;
}

/** What was found so far of the files that say which chart it is. */
export class FoundMetadata {
  readonly #found = { 'Chart.yaml': [] as Uint8Array[], 'requirements.yaml': [] as Uint8Array[] };

  readonly #seen: string[] = [];

  get hasChartYaml(): boolean {
    return this.#found['Chart.yaml'].length > 0;
  }

  /** Takes note of a member, for the error. @param name as the archive has it */
  see(name: string): void {
    if (this.#seen.length < SHOWN) this.#seen.push(name);
  }

  /** @throws MalformedError if no Chart.yaml was found, saying what was found instead */
  requireChartYaml(): void {
    if (!this.hasChartYaml) throw new MalformedError(`there is no Chart.yaml in it: ${inWords(this.#seen)}`);
  }

  get files(): MetadataFiles {
    return [...this.#found['Chart.yaml'], ...this.#found['requirements.yaml']];
  }

  /**
   * Reads a file of that name; undefined if it is none of them.
   * @param path within the chart
   */
  readerOf(path: string): MemberReader | undefined {
    if (path !== 'Chart.yaml' && path !== 'requirements.yaml') return undefined;
    return async (content) => {
      this.#found[path].push(await contentOf(content, path));
    };
  }
}

/** What is in an archive without Chart.yaml. */
function inWords(names: readonly string[]): string {
  return names.length === 0 ? 'found no files' : `found ${names.map((name) => excerpt(name)).join(', ')}`;
}

const SHOWN = 3;

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

async function contentOf(content: AsyncIterator<Uint8Array>, name: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of { [Symbol.asyncIterator]: () => content }) {
    size += piece.length;
    if (size > CHART_YAML_LIMIT)
      throw new MalformedError(`its ${name} has more than ${CHART_YAML_LIMIT} bytes`);
    pieces.push(piece);
  }
  return withoutMark(Buffer.concat(pieces));
}

/** Helm leaves out a byte order mark. */
export function withoutMark(content: Buffer): Uint8Array {
  return content.subarray(0, 3).equals(BYTE_ORDER_MARK) ? content.subarray(3) : content;
}
