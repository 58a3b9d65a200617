import type { Sha256 } from '../digest.ts';
import type { InputError } from '../errors.ts';
import { Contents } from './contents.ts';
import { earlierCharts } from './earlier-charts.ts';
import { formatIndex, INDEX } from './helm-index.ts';
import { inMirror } from './in-mirror.ts';
import { KEPT_KEY_LIMIT, keyPath, type KeptKeys } from './kept-keys.ts';
import type { TrustFile } from './kept-trust.ts';
import type { MirrorDirectory } from './mirror-directory.ts';
import type { KeptChart } from './mirror.ts';
import { WrittenFiles } from './written-files.ts';

/** What a mirror is when a run has ended. */
export interface MirrorState {
  /** Of the manifest. */
  readonly sha256: Sha256;
  readonly charts: number;
  readonly files: number;
  /** Whether the run changed any byte of it. */
  readonly isChanged: boolean;
  /** The archives of charts that somebody took out since they were put there. */
  readonly gone: readonly string[];
  /** What is wrong with charts that earlier runs put there. */
  readonly problems: readonly InputError[];
}

/** What a run put into a mirror, and what it leaves to be written at its end. */
export interface RunResult {
  readonly kept: readonly KeptChart[];
  readonly keys: KeptKeys;
  readonly trust: readonly TrustFile[];
}

/**
 * Ends a run: adds what earlier runs put there, and writes the keys, the index and, last of all, the manifest. What has
 * the right bytes is not written.
 * @param whenSeen is told how many charts of earlier runs were looked at
 * @throws InputError if a file cannot be written, or something stands in its place
 */
export async function endRun(
  directory: MirrorDirectory,
  { kept, keys, trust }: RunResult,
  whenSeen: (count: number) => void,
): Promise<MirrorState> {
  return await inMirror(directory.path, async () => {
    const contents = new Contents();
    for (const each of kept) contents.add(each);
    const { path, before } = directory;
    let seen = 0;
    for await (const earlier of earlierCharts(path, before, (archive) => contents.has(archive))) {
      whenSeen(++seen);
      contents.addEarlier(earlier);
    }
    const written = new WrittenFiles(directory);
    for (const file of before.files) if (isExtra(file.path)) contents.addFile(await written.keep(file));
    for (const fingerprint of keys.fingerprints) {
      const present = await written.read(keyPath(fingerprint), KEPT_KEY_LIMIT);
      contents.addFile(await written.put(keyPath(fingerprint), keys.fileOf(fingerprint, present)));
    }
    for (const file of trust) contents.addFile(await written.put(file.path, file.bytes));
    contents.addFile(await written.put(INDEX, formatIndex(contents.listed)));
    const manifest = await directory.writeManifest(contents);
    return {
      sha256: manifest.sha256,
      charts: contents.charts.length,
      files: contents.files.length,
      isChanged: written.isAnyNew || manifest.isNew || kept.some(({ wasThere }) => !wasThere),
      gone: contents.gone,
      problems: contents.problems,
    };
  });
}

/** Whether a file belongs to no chart, and is not made anew in each run. */
function isExtra(path: string): boolean {
  return /^(?:keys|trust)\//.test(path);
}
