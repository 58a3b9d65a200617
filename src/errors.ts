/**
 * The errors that may end a run, by what their reader can do about it. Each has a code of the closed union
 * below; `cli/exit-status.ts` gives every code its exit status, so a code without a status does not compile.
 */
export type ErrorCode =
  | 'USAGE'
  | 'INPUT'
  | 'NOT_FOUND'
  | 'LOG_UNREACHABLE'
  | 'LOG_ANSWER'
  | 'LOG_REFUSED'
  | 'LOG_UNTRUSTED'
  | 'UNCHECKED'
  | 'REJECTED'
  | 'OUTPUT'
  | 'INTERNAL';

/** Who reads a hint: a user of other people's charts, or a publisher of charts. */
export type Audience = 'consumer' | 'publisher';

/**
 * The one thing that a reader can do about a problem; lower case, no full stop. Publishers and consumers can
 * do different things (only a publisher can sign again). Then there is one text for each, or a text for only
 * one of them.
 */
export type Hint = string | Readonly<Partial<Record<Audience, string>>>;

/** What this reader can do. */
export function hintFor(hint: Hint | undefined, audience: Audience): string | undefined {
  return typeof hint === 'string' ? hint : hint?.[audience];
}

/** Something that went wrong, for people (two lines on stderr) and for programs (`errors` in JSON). */
export interface Diagnosis {
  readonly code: ErrorCode;
  /** What was expected and what was found; lower case, no full stop. */
  readonly message: string;
  /** The one thing to do about it; lower case, no full stop. */
  readonly hint?: string;
  /** Only for defects of this program, and only with `HELM_DEBUG=true`. */
  readonly stack?: string;
}

/** An error with a code, a message for people ("what was expected and what was found") and perhaps a hint. */
export class SigstoreError extends Error {
  override readonly name: string = 'SigstoreError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: Hint,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command line or a setting is wrong. Found before any work. */
export class UsageError extends SigstoreError {
  override readonly name = 'UsageError';

  constructor(message: string, hint?: Hint) {
    super('USAGE', message, hint);
  }
}

/** A local file is missing, unreadable or malformed. */
export class InputError extends SigstoreError {
  override readonly name = 'InputError';

  constructor(message: string, hint?: Hint, options?: ErrorOptions) {
    super('INPUT', message, hint, options);
  }
}

/** The log could not be asked, refused, has no trusted key, or gave an answer that makes no sense. */
export class LogError extends SigstoreError {
  override readonly name = 'LogError';

  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- narrows the codes
  constructor(
    code: 'LOG_UNREACHABLE' | 'LOG_ANSWER' | 'LOG_REFUSED' | 'LOG_UNTRUSTED',
    message: string,
    hint?: Hint,
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options);
  }
}

/** The log answered, and has no such entry; or a server of charts did, and has no such chart. */
export class NotFoundError extends SigstoreError {
  override readonly name = 'NotFoundError';

  constructor(message: string, hint?: Hint) {
    super('NOT_FOUND', message, hint);
  }
}

/** Evidence was examined and does not hold. */
export class RejectedError extends SigstoreError {
  override readonly name = 'RejectedError';

  constructor(message: string, hint?: Hint) {
    super('REJECTED', message, hint);
  }
}

/**
 * Foreign bytes that do not parse. It never ends a run: the caller that knows where the bytes came from (a
 * file, the log) turns it into an error of the classes above, or a judge turns it into a failed check.
 */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** What `read` makes of foreign bytes; undefined: they are malformed. @throws what else it throws */
export function ifWellFormed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
