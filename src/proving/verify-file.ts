import { InputError, messageOf } from '../errors.ts';
import { BUNDLE_ENDINGS, BUNDLE_LIMIT, type SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import { chunksOf } from '../files/chunks.ts';
import { openRegular } from '../files/regular-file.ts';
import { readOwnFile, readUserFile } from '../files/user-file.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import { judgeBundle, type BundleReport } from '../verification/bundle-report.ts';
import { bundleEvidence, bundlesIn, type FileBytes } from './judge-bundle-file.ts';

/** What a file is judged by. */
interface Judging {
  readonly signers: WantedSigners;
  readonly trust: SigstoreTrust;
  /** Predicate types of statements that count; undefined: all. */
  readonly predicateTypes: readonly string[] | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  readonly interrupted: AbortSignal;
}

/** A file that was judged by a bundle. */
export interface JudgedFile {
  /** As the user wrote it. */
  readonly label: string;
  /** Of the file, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The path of the bundle. */
  readonly bundle: string;
  readonly report: BundleReport;
}

/**
 * Judges a local file by its bundle; of several bundles in one file, by the first that holds, else by the first.
 * @param named the path of the bundle; undefined: it is beside the file
 * @throws InputError if file or bundle are missing, cannot be read, or are malformed
 */
export async function verifyFile(
  path: string,
  named: string | undefined,
  judging: Judging,
): Promise<JudgedFile> {
  const { label, bytes } = await readBundle(path, named, judging.interrupted);
  const judged: JudgedFile[] = [];
  let unjudged: InputError | undefined;
  for (const bundle of bundlesIn(bytes, label)) {
    try {
      const one = await judgeOne(path, label, bundle, judging);
      if (one.report.kind === 'proven') return one;
      judged.push(one);
    } catch (error) {
      // One that needs a key, for example, while the next is by the identity that the user names.
      if (!(error instanceof InputError)) throw error;
      unjudged ??= error;
    }
  }
  const [first] = judged;
  if (first === undefined) throw unjudged ?? new Error('a file without bundles was read');
  return first;
}

async function judgeOne(
  path: string,
  place: string,
  bundle: SigstoreBundle,
  { signers, trust, predicateTypes, now }: Judging,
): Promise<JudgedFile> {
  const evidence = await bundleEvidence(bundle, place, bytesOf(path), signers, trust, now);
  const report = await judgeBundle({
    ...evidence,
    predicateTypes,
    needsStatement: predicateTypes !== undefined,
  });
  return { label: path, sha256: evidence.sha256, bundle: place, report };
}

async function readBundle(
  path: string,
  named: string | undefined,
  interrupted: AbortSignal,
): Promise<{ readonly label: string; readonly bytes: Uint8Array }> {
  if (named !== undefined)
    return { label: named, bytes: await readUserFile(named, { limit: BUNDLE_LIMIT, interrupted }) };
  for (const ending of BUNDLE_ENDINGS) {
    const label = path + ending;
    const bytes = await readOwnFile(label, BUNDLE_LIMIT, label);
    if (bytes !== undefined) return { label, bytes };
  }
  throw new InputError(
    `there is no bundle beside ${path}: none of ${BUNDLE_ENDINGS.map((ending) => path + ending).join(', ')}`,
    'name it with --bundle',
  );
}

function bytesOf(path: string): FileBytes {
  return async function* () {
    try {
      yield* chunksOf(await openRegular(path));
    } catch (error) {
      throw new InputError(`cannot read ${path}: ${messageOf(error)}`, undefined, { cause: error });
    }
  };
}
