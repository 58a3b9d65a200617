import { MalformedError } from '../../src/errors.ts';

/** What the function returns, or `undefined` if it threw a `MalformedError`; any other error is a crash. */
export function unlessMalformed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
