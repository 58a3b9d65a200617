import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { FoundMetadata } from './chart-yaml.ts';
import { readMembers, UnpackedBytes, type MemberReader, type NextPiece } from './tar-members.ts';

/** A chart in an archive: the one at its top, or one in the folder `charts/` of another. */
export interface ContainedChart {
  /** Within the archive, or within the archives around it; empty: the chart at the top. */
  readonly path: string;
  readonly metadata: FoundMetadata;
  /** Those in its `charts/`, in the order of the archive. */
  readonly children: readonly ContainedChart[];
  /** Why Helm refuses it. */
  readonly problem?: string;
}

/**
 * All charts in a packed chart, found as Helm finds them: every folder and every `.tgz` in a folder `charts/`, but for names that
 * begin with a dot or an underscore. Archives in archives are read in the same pass.
 * @throws MalformedError if the bytes are no such archive, Helm refuses it, or there is more in it than anybody needs
 */
export async function findContainedCharts(pull: NextPiece): Promise<ContainedChart> {
  const found = new FoundCharts();
  await found.read(pull, found.root);
  found.root.metadata.requireChartYaml();
  return found.root;
}

/** More than any chart has. */
const MAX_CHARTS = 1000;

/** How many charts may be in one another. */
const MAX_DEPTH = 32;

/** Of a name in `charts/`: no file system has longer ones. */
const LONGEST_NAME = 255;

/** In bytes, of an archive and all archives in it. */
const UNPACKED_LIMIT = 256 << 20;

/** In bytes, of all that says which charts they are. */
const METADATA_LIMIT = 16 << 20;

class FoundChart implements ContainedChart {
  readonly metadata = new FoundMetadata();
  readonly byName = new Map<string, FoundChart>();
  problem?: string;

  constructor(
    readonly path: string,
    readonly depth: number,
  ) {}

  get children(): readonly FoundChart[] {
    return [...this.byName.values()];
  }
}

class FoundCharts {
  readonly root = new FoundChart('', 0);
  readonly #unpacked = new UnpackedBytes(UNPACKED_LIMIT);
  #charts = 0;
  #metadata = 0;

  /** Reads the archive of a chart. */
  async read(pull: NextPiece, chart: FoundChart): Promise<void> {
    const choose = (path: string, name: string) => {
      chart.metadata.see(name);
      return this.#choose(chart, path);
    };
    await readMembers(pull, choose, this.#unpacked);
  }

  /** @param path within the chart */
  #choose(chart: FoundChart, path: string): MemberReader | undefined {
    const inCharts = /^charts\/([^/]+)(\/)?/.exec(path);
    if (inCharts === null) return this.#limited(chart.metadata.readerOf(path));
    if (/\.prov$/.test(path)) return undefined;
    const [start, name = '', isInside] = inCharts;
    if (/^[._]/.test(name)) return undefined;
    const known = chart.byName.get(name);
    const child = known ?? this.#add(chart, name);
    if (!name.endsWith('.tgz')) {
      // What is no folder is no chart: Helm refuses it.
      return isInside ? this.#choose(child, path.slice(start.length)) : undefined;
    }
    // Of members with the name of an archive Helm takes the first one.
    if (known !== undefined) return undefined;
    if (isInside) child.problem = 'expected an archive, found a folder';
    return isInside
      ? undefined
      : async (content) => {
          await this.#readWithin(child, content);
        };
  }

  async #readWithin(chart: FoundChart, content: AsyncIterator<Uint8Array>): Promise<void> {
    try {
      await this.read(async () => (await content.next()) as IteratorResult<Uint8Array, void>, chart);
    } catch (error) {
      throw error instanceof MalformedError ? new MalformedError(`${chart.path}: ${error.message}`) : error;
    }
  }

  #limited(reader: MemberReader | undefined): MemberReader | undefined {
    return (
      reader &&
      (async (content) => {
        await reader({
          next: async () => {
            const piece = await content.next();
            this.#metadata += piece.done === true ? 0 : piece.value.length;
            if (this.#metadata > METADATA_LIMIT)
              throw new MalformedError(`expected at most ${METADATA_LIMIT} bytes of Chart.yaml, found more`);
            return piece;
          },
        });
      })
    );
  }

  #add(chart: FoundChart, name: string): FoundChart {
    this.#charts += 1;
    if (this.#charts > MAX_CHARTS)
      throw new MalformedError(`expected at most ${MAX_CHARTS} charts in it, found more`);
    if (chart.depth === MAX_DEPTH)
      throw new MalformedError(`expected at most ${MAX_DEPTH} charts in one another, found more`);
    if (name.length > LONGEST_NAME)
      throw new MalformedError(
        `expected names of charts of at most ${LONGEST_NAME} characters, found ${excerpt(name)}`,
      );
    const child = new FoundChart(
      `${chart.path === '' ? '' : `${chart.path}/`}charts/${name}`,
      chart.depth + 1,
    );
    chart.byName.set(name, child);
    return child;
  }
}
