import { MalformedError } from '../errors.ts';

/** A place in a text; both count from 1, columns in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A mistake in a policy, and where it is. Like any malformed text it ends no run by itself: whoever read the file names
 * it, and makes a `UsageError` of this.
 */
export class PolicyError extends MalformedError {
  /** @param reason what was expected and what was found; lower case, no full stop */
  constructor(
    readonly at: Position,
    readonly reason: string,
    readonly hint?: string,
  ) {
    super(`line ${at.line}, column ${at.column}: ${reason}`);
  }
}
