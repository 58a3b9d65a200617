import { LogError, SigstoreError } from '../errors.ts';

/** The error of the client of HTTP, without a log in it: what a server of charts does says nothing about a log. */
export function asUnchecked(error: unknown): unknown {
  if (!(error instanceof LogError)) return error;
  return new SigstoreError('UNCHECKED', error.message, error.hint, { cause: error });
}
