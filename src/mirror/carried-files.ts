import { join } from 'node:path';
import type { Sha256 } from '../digest.ts';
import { InputError } from '../errors.ts';
import { measureInside } from './file-inside.ts';
import {
  pathsNeeded,
  pathsOf,
  type MirroredChart,
  type MirroredFile,
  type MirroredSigners,
} from './manifest.ts';

/** What an earlier run proved of the same archive, and this one did not look at. */
export interface Carried {
  readonly signers: MirroredSigners;
  readonly files: readonly MirroredFile[];
}

/** What to do about a file of a mirror that is not what it was. */
export const MEND =
  'name the chart again, so that it is copied anew; or remove its archive, and what lies beside it under its name';

/**
 * What an earlier run put beside an archive, by another kind of proof than that of this run, or by another piece of the same
 * signer, and that is still there.
 * @param known the chart as the manifest has it, whose archive is the same
 * @param digests those of the manifest, by the path
 * @param signers of this run
 * @param written the paths that this run writes
 * @throws InputError if a file of it was altered
 */
export async function carriedOver(
  directory: string,
  known: MirroredChart,
  digests: ReadonlyMap<string, Sha256>,
  signers: MirroredSigners,
  written: readonly string[],
): Promise<Carried> {
  const { provenance, evidence, provenanceBundle, bundle, manifest, claim } = pathsOf(known.archive);
  const isSigned = signers.signer === undefined || signers.signer === known.signer;
  const isBundled = signers.identity === undefined && signers.key === undefined;
  const wanted = [
    ...(isSigned ? [provenance, evidence, provenanceBundle] : []),
    ...(isBundled ? [bundle, manifest, claim] : []),
  ];
  const files: MirroredFile[] = [];
  for (const path of wanted) {
    const sha256 = written.includes(path) ? undefined : digests.get(path);
    const present = sha256 === undefined ? undefined : await measureInside(directory, path);
    if (present !== undefined && present.sha256 !== sha256)
      throw new InputError(`${join(directory, path)} is altered`, MEND);
    if (present !== undefined) files.push(present);
  }
  const paths = [known.archive, ...written, ...files.map(({ path }) => path)];
  const openpgp = isSigned ? complete({ signer: known.signer }, known.archive, paths) : {};
  const { identity, issuer, key } = known;
  const bundled = isBundled ? complete({ identity, issuer, key }, known.archive, paths) : {};
  const kept = { ...openpgp, ...bundled };
  const { all, one, any } = pathsNeeded(known.archive, kept);
  const own = [...all, ...one, ...any];
  return { signers: kept, files: files.filter(({ path }) => own.includes(path)) };
}

/** These signers, if all that proves them is there. */
function complete(signers: MirroredSigners, archive: string, paths: readonly string[]): MirroredSigners {
  const { all, one } = pathsNeeded(archive, signers);
  const isComplete =
    all.every((path) => paths.includes(path)) &&
    (one.length === 0 || one.some((path) => paths.includes(path)));
  return isComplete ? signers : {};
}
