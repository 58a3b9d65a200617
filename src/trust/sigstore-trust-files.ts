import { InputError, MalformedError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { parseJson } from '../shape.ts';
import { inUtf8 } from '../user-text.ts';
import { loadSigstoreRoot, warningsAbout } from './sigstore-root.ts';
import { parseSigstoreTrust, type SigstoreTrust } from './sigstore-trust.ts';

/** Sigstore's own trusted root has 7 kB. */
const LIMIT = 1024 * 1024;

/** A trusted root, and where it comes from, for people. */
export interface NamedTrust {
  readonly trust: SigstoreTrust;
  /** What spells it. */
  readonly json: unknown;
  readonly detail: string;
  /** What the user should know of its age. */
  readonly warnings: readonly string[];
}

/**
 * The trusted root in a file. @throws InputError if it cannot be read, or is something else
 * @param interrupted ends the waiting for a file that is a pipe
 */
export async function readSigstoreTrust(path: string, interrupted?: AbortSignal): Promise<NamedTrust> {
  const bytes = await readUserFile(path, { limit: LIMIT, interrupted });
  try {
    const json = parseJson(inUtf8(bytes));
    return { trust: parseSigstoreTrust(json), json, detail: path, warnings: [] };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`expected ${path} to hold a trusted root: ${error.message}`);
  }
}

/**
 * Sigstore's own trusted root, in the newer of its copies.
 * @param refreshed the directory of the refreshed copy; undefined: there is none
 * @param now seconds since 1970
 */
export async function loadSigstoreTrust(refreshed: string | undefined, now: number): Promise<NamedTrust> {
  const { trustedRoot, copy } = await loadSigstoreRoot(refreshed);
  return {
    trust: parseSigstoreTrust(trustedRoot),
    json: trustedRoot,
    detail: `Sigstore's trusted root (${copy.origin})`,
    warnings: warningsAbout(copy, now),
  };
}
