import { join } from 'node:path';
import type { Described } from '../chart/archive/description.ts';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { InputError } from '../errors.ts';
import { carriedOver } from './carried-files.ts';
import { measureInside, OddFileError } from './file-inside.ts';
import { inMirror } from './in-mirror.ts';
import {
  filesOf,
  haveSameSigners,
  pathsOf,
  type Manifest,
  type MirroredChart,
  type MirroredFile,
} from './manifest.ts';
import type { MirrorDirectory } from './mirror-directory.ts';
import { filesBeside, type ProvenChart } from './proven-chart.ts';
import { foldedPath, isPortablePath } from './portable-path.ts';

/** A chart that is in the mirror, with its files. */
export interface KeptChart {
  readonly chart: MirroredChart;
  readonly files: readonly MirroredFile[];
  readonly sha256: Sha256;
  readonly description: Readonly<Record<string, Described>>;
  /** Whether all of it was there before. */
  readonly wasThere: boolean;
}

/**
 * Puts charts into a mirror, each file once. What is there already stays as it is: after an interruption, or in a second
 * run, nothing is written again that has the right bytes, and what was damaged is mended.
 */
export class Mirror {
  readonly #directory: MirrorDirectory;
  /** Charts of earlier runs by the names of their archives, as some file system takes them. */
  readonly #before: ReadonlyMap<string, MirroredChart>;
  readonly #digests: ReadonlyMap<string, Sha256>;
  /** Charts of this run by the names of their archives; of two of one name the second waits for the first. */
  readonly #kept = new Map<string, Promise<KeptChart>>();

  constructor(directory: MirrorDirectory) {
    const { charts, files }: Manifest = directory.before;
    this.#directory = directory;
    this.#before = new Map(charts.map((chart) => [foldedPath(chart.archive), chart]));
    this.#digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  }

  /** Its directory. */
  get path(): string {
    return this.#directory.path;
  }

  /**
   * The path of what an earlier run put there to prove a chart; undefined if it copied another provenance, or if the
   * file was altered since.
   * @param kind evidence of an entry, or a bundle of the provenance
   * @param provenance its digest
   */
  async unaltered(
    kind: 'evidence' | 'provenanceBundle',
    archive: string,
    provenance: Sha256,
  ): Promise<string | undefined> {
    const { provenance: provenancePath, [kind]: path } = pathsOf(archive);
    if (!isPortablePath(archive) || this.#digests.get(provenancePath) !== provenance) return undefined;
    try {
      const present = await measureInside(this.path, path);
      return present && present.sha256 === this.#digests.get(path) ? path : undefined;
    } catch (error) {
      if (error instanceof OddFileError) return undefined;
      throw error;
    }
  }

  /**
   * Puts a chart there, or finds that it is there.
   * @param now when it was proven, in seconds since 1970
   * @throws InputError if a mirror can have no file of its name, if another chart has this name, if it was changed
   * since it was proven, or if it cannot be written
   */
  async keep(chart: ProvenChart, now: number): Promise<KeptChart> {
    const { signedName: archive, label } = chart;
    if (!filesOf(archive).every(isPortablePath) || archive.includes('/'))
      throw new InputError(
        `${label} was signed under a name that not every system can have: expected letters and digits of ASCII, and . _ + ~ -`,
      );
    const before = this.#kept.get(foldedPath(archive));
    const kept = inMirror(this.#directory.path, () => this.#keepAfter(before, chart, now));
    // The caller is told what went wrong.
    kept.catch(() => undefined);
    this.#kept.set(foldedPath(archive), kept);
    return await kept;
  }

  async #keepAfter(
    before: Promise<KeptChart> | undefined,
    chart: ProvenChart,
    now: number,
  ): Promise<KeptChart> {
    const earlier = await before?.catch(() => undefined);
    const { signedName: archive, label } = chart;
    if (earlier !== undefined && earlier.chart.archive !== archive)
      throw collision(label, join(this.#directory.path, earlier.chart.archive));
    const known = this.#before.get(foldedPath(archive));
    if (known !== undefined && known.archive !== archive && (await this.#isThere(known.archive)))
      throw collision(label, join(this.#directory.path, known.archive));
    const beside = await filesBeside(chart);
    const isSame = known?.archive === archive && this.#digests.get(archive) === chart.sha256;
    const carried = isSame
      ? await carriedOver(
          this.path,
          known,
          this.#digests,
          chart.signers,
          beside.map(({ path }) => path),
        )
      : undefined;
    // Nothing of a chart is put there before there is room for all of it.
    const present = [await this.#presentAt(archive, chart.sha256, label)];
    for (const { path, bytes, own } of beside)
      present.push(await this.#presentAt(path, sha256Hex(bytes), own));
    const { files } = this.#directory;
    const put = [present[0] ?? (await files.copy(chart.chunks(), label, archive, chart.sha256))];
    for (const [at, { path, bytes }] of beside.entries())
      put.push(present[at + 1] ?? (await files.write(path, bytes)));
    const { name, version, sha256, description } = chart;
    const signers = { ...carried?.signers, ...chart.signers };
    const wasThere = present.every((file) => file !== undefined);
    const isKnown = wasThere && known !== undefined && haveSameSigners(known, signers);
    const mirrored = { archive, name, version, time: isKnown ? known.time : now, ...signers };
    return { chart: mirrored, files: [...put, ...(carried?.files ?? [])], sha256, description, wasThere };
  }

  async #isThere(path: string): Promise<boolean> {
    return (await measureInside(this.#directory.path, path)) !== undefined;
  }

  /**
   * The file, if it is there; undefined if it is to be written.
   * @param label of the file, for the error that another one of its name is there; undefined: it replaces the other one
   */
  async #presentAt(path: string, sha256: Sha256, label?: string): Promise<MirroredFile | undefined> {
    const present = await measureInside(this.#directory.path, path);
    if (present?.sha256 === sha256) return present;
    // The manifest names this very file, so what stands in its place is damaged, and is mended.
    const isDamaged = this.#digests.get(path) === sha256;
    if (present !== undefined && label !== undefined && !isDamaged)
      throw collision(label, join(this.#directory.path, path));
    return undefined;
  }
}

/** The error that two different files have one name: which one is meant, only the user knows. */
export function collision(label: string, present: string): InputError {
  return new InputError(
    `${label} and ${present} have one name and are not the same file`,
    'a mirror has one file of each name: name another directory for one of them, or remove the one that is not meant',
  );
}
