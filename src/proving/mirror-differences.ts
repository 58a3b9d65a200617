import { startProgress } from '../cli/progress.ts';
import { SigstoreError } from '../errors.ts';
import { differencesOf, type Difference } from '../mirror/differences.ts';
import { filesOf, type Manifest } from '../mirror/manifest.ts';
import type { RunContext } from '../run/context.ts';

/** Where a mirror is not what its manifest says. */
export class MirrorDifferences {
  /** At most `MAX_KEPT`. */
  readonly all: readonly Difference[];
  /** How many there are beside. */
  readonly notShown: number;
  readonly #byPath: ReadonlyMap<string, Difference>;

  private constructor(all: readonly Difference[], notShown: number) {
    this.all = all;
    this.notShown = notShown;
    this.#byPath = new Map(all.map((each) => [each.path, each]));
  }

  /**
   * Looks at every file, at a terminal with a word on how far it is.
   * @throws InputError if the directory cannot be looked through
   * @throws SigstoreError `UNCHECKED` after an interruption
   */
  static async find(directory: string, manifest: Manifest, context: RunContext): Promise<MirrorDifferences> {
    const progress = startProgress(context);
    const total = manifest.files.length;
    const kept: Difference[] = [];
    let notShown = 0;
    const whenSeen = (seen: number) => {
      if (context.interrupted.aborted)
        throw new SigstoreError('UNCHECKED', `interrupted before all files of ${directory} were looked at`);
      progress.show(`looked at ${seen} of ${total} files`);
    };
    try {
      for await (const difference of differencesOf(directory, manifest, whenSeen))
        if (kept.length < MAX_KEPT) kept.push(difference);
        else notShown++;
    } finally {
      progress.clear();
    }
    return new MirrorDifferences(kept, notShown);
  }

  /** What is wrong with a file of the chart with this archive. */
  ofChart(archive: string): Difference | undefined {
    const [path] = filesOf(archive).filter((each) => this.#byPath.has(each));
    return path === undefined ? undefined : this.#byPath.get(path);
  }

  /** What is wrong beside the charts. */
  besides({ charts }: Manifest): readonly Difference[] {
    const own = new Set(charts.flatMap(({ archive }) => filesOf(archive)));
    return this.all.filter(({ path }) => !own.has(path));
  }
}

/** More than anybody reads. Those of the manifest come first. */
const MAX_KEPT = 10_000;
