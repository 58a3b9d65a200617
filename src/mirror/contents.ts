import type { InputError } from '../errors.ts';
import type { EarlierChart } from './earlier-charts.ts';
import type { Manifest, MirroredChart, MirroredFile } from './manifest.ts';
import type { KeptChart } from './mirror.ts';

/** What the mirror has at the end of the run. */
export class Contents implements Manifest {
  readonly gone: string[] = [];
  readonly problems: InputError[] = [];
  readonly #kept = new Map<string, KeptChart>();
  readonly #damaged: MirroredChart[] = [];
  readonly #files = new Map<string, MirroredFile>();

  has(archive: string): boolean {
    return this.#kept.has(archive);
  }

  /** Adds a chart that is in the mirror. One that was named twice is added once: the second time it was there. */
  add(kept: KeptChart): void {
    const { archive } = kept.chart;
    if (this.has(archive) && kept.wasThere) return;
    this.#kept.set(archive, kept);
    kept.files.forEach((file) => {
      this.addFile(file);
    });
  }

  addEarlier(earlier: EarlierChart): void {
    if (earlier.kind === 'kept') this.add(earlier.kept);
    else if (earlier.kind === 'gone') this.gone.push(earlier.chart.archive);
    else {
      this.problems.push(earlier.problem);
      this.#damaged.push(earlier.chart);
      earlier.files.forEach((file) => {
        this.addFile(file);
      });
    }
  }

  addFile(file: MirroredFile | undefined): void {
    if (file !== undefined) this.#files.set(file.path, file);
  }

  /** The charts that Helm may have. */
  get listed(): readonly KeptChart[] {
    return [...this.#kept.values()];
  }

  get charts(): readonly MirroredChart[] {
    return [...this.listed.map(({ chart }) => chart), ...this.#damaged];
  }

  get files(): readonly MirroredFile[] {
    return [...this.#files.values()];
  }
}
