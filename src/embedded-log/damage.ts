import { join } from 'node:path';
import { InputError } from '../errors.ts';

/** The error for a damaged file, with the place of the damage. */
export function damaged(path: string, place: string, why: string): InputError {
  return new InputError(`${path} is damaged: ${place}: ${why}`, 'restore it from a backup');
}

/** The error for a file of the directory `home` that is damaged as a whole, or missing. */
export function damagedFile(home: string, path: string, why: string): InputError {
  return new InputError(
    `${join(home, path)} is damaged: ${why}`,
    'restore it from a backup; "helm sigstore log check" finds all that is damaged',
  );
}

/** The place of a line, for people. */
export function placeOfLine({
  number,
  offset,
}: {
  readonly number: number;
  readonly offset: number;
}): string {
  return `line ${number} (from byte ${offset})`;
}
