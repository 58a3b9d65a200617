import { InputError, MalformedError } from '../../errors.ts';
import { isFileSystemError } from '../../files/error-code.ts';
import type { InIndex } from './operand-hints.ts';

/** A file that does not begin as gzip does. */
export class OtherFileError extends MalformedError {
  constructor(readonly head: Uint8Array) {
    super('it is not compressed with gzip');
  }
}

/** The error to show to the user. Its hints are loaded only when there is one. */
export async function archiveError(label: string, error: unknown, indexed?: InIndex): Promise<unknown> {
  if (!isFileSystemError(error) && !(error instanceof MalformedError)) return error;
  const hints = await import('./operand-hints.ts');
  if (error instanceof MalformedError || error.code === 'EISDIR' || error.code === 'ENOTREG') {
    const head = error instanceof OtherFileError ? error.head : new Uint8Array();
    const other = hints.otherFile(head);
    const what = other
      ? `${error.message} but is ${other.what}, and starts with ${hints.firstLine(head)}`
      : error.message.replace('EISDIR: it is no regular file but', 'it is');
    return new InputError(`${label} is no packaged chart: ${what}`, other?.hint ?? hints.GET_CHART);
  }
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
    return new InputError(`cannot read ${label}: ${error.message}`);
  const hint = indexed === undefined ? hints.hintForMissing(label) : hints.hintForIndexed(indexed);
  return new InputError(`there is no file ${label}`, hint);
}
