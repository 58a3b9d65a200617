import type { Sha256 } from '../digest.ts';
import { RejectedError, type InputError } from '../errors.ts';
import type { Archive } from './archive.ts';

/** A chart that a command is about, before anything of it was read. */
export interface NamedChart {
  /** Of the archive; where there is none, what was named in its place. */
  readonly path: string;
  /** What the index of a repository says of it. */
  readonly indexed?: IndexedChart;
  /** Why no chart can be looked for here. */
  readonly problem?: InputError;
}

/** A chart as the index of a repository describes it. */
export interface IndexedChart {
  /** `NAME-VERSION.tgz` of this entry: the file name that has to be signed. */
  readonly signedName: string;
  /** Of the archive; absent where the index has none. */
  readonly sha256?: Sha256;
}

/**
 * Holds an archive against the index that named it, if one did.
 * @throws RejectedError if the index has another digest for it
 */
export function requireIndexed({ path, indexed }: NamedChart, { sha256 }: Pick<Archive, 'sha256'>): void {
  if (indexed?.sha256 === undefined || indexed.sha256 === sha256) return;
  throw new RejectedError(
    `${path} is not the archive that the index names: expected sha256:${indexed.sha256}, found sha256:${sha256}`,
    'get the archive again, or make the index again with helm repo index',
  );
}
