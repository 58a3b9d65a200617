import { messageOf } from '../errors.ts';
import { measureInside, OddFileError } from './file-inside.ts';
import { MANIFEST, type Manifest, type MirroredFile } from './manifest.ts';
import { byCharacters } from './text-order.ts';
import { walkMirror } from './walk.ts';

/** Where a directory is not what its manifest says. */
export interface Difference {
  /**
   * - `missing`: there is no file
   * - `altered`: there is another file, or something that is no regular file
   * - `additional`: the manifest does not name it
   * - `unreadable`: nobody can say
   */
  readonly kind: 'missing' | 'altered' | 'additional' | 'unreadable';
  /** Below the directory. */
  readonly path: string;
  /** Of what is altered: size and digest, or what stands there. */
  readonly expected?: string;
  readonly found?: string;
}

/**
 * Where a directory differs from its manifest, in the order of its files, and then of what is additional.
 * @param whenSeen is told how many files were looked at
 * @throws InputError if the directory cannot be looked through
 */
export async function* differencesOf(
  directory: string,
  { files }: Manifest,
  whenSeen: (count: number) => void = () => undefined,
): AsyncGenerator<Difference, void, void> {
  for (const [number, file] of files.entries()) {
    const difference = await differenceOf(directory, file);
    if (difference !== undefined) yield difference;
    whenSeen(number + 1);
  }
  const known = new Set([MANIFEST, ...files.map(({ path }) => path)]);
  const folders = new Set([...known].flatMap((path) => path.split('/').slice(0, -1)));
  const additional: Difference[] = [];
  for await (const { path, kind } of walkMirror(directory, folders)) {
    // What stands in place of a folder took its files away, which is said of each.
    if (known.has(path)) continue;
    additional.push({ kind: 'additional', path, ...(kind !== undefined && { found: kind }) });
  }
  yield* additional.sort((a, b) => byCharacters(a.path, b.path));
}

async function differenceOf(directory: string, expected: MirroredFile): Promise<Difference | undefined> {
  const { path } = expected;
  let found: MirroredFile | undefined;
  try {
    found = await measureInside(directory, path);
  } catch (error) {
    if (error instanceof OddFileError)
      return {
        kind: 'altered',
        path,
        expected: 'a regular file',
        found: error.path === path ? error.kind : `${error.kind} in place of ${error.path}`,
      };
    return { kind: 'unreadable', path, found: messageOf(error) };
  }
  if (found === undefined) return { kind: 'missing', path };
  if (found.size === expected.size && found.sha256 === expected.sha256) return undefined;
  return { kind: 'altered', path, expected: inWords(expected), found: inWords(found) };
}

function inWords({ size, sha256 }: MirroredFile): string {
  return `sha256:${sha256} (${size} bytes)`;
}
