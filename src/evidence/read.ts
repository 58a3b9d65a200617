import { InputError, MalformedError, type Hint } from '../errors.ts';
import { readOwnFile } from '../files/user-file.ts';
import { EVIDENCE_LIMIT, type Evidence } from './evidence.ts';
import { isSigstoreBundle } from './is-sigstore-bundle.ts';
import { parseEvidence } from './parse.ts';

/** What to do about evidence that is malformed, or does not prove its chart. */
export const MAKE_AGAIN: Hint = {
  consumer:
    'get the evidence again, from where the chart is; or remove its file: helm sigstore evidence makes another',
  publisher: 'remove the file: helm sigstore evidence makes another',
};

/** A file of another name is one that the user named by mistake, and wants to keep. */
function hintFor(place: string): Hint {
  return place.endsWith('.rekor.json')
    ? MAKE_AGAIN
    : 'name the evidence file: helm sigstore evidence CHART.tgz makes it, as CHART.tgz.rekor.json';
}

/**
 * The evidence in the file at this path; undefined if there is none.
 * @throws InputError if it cannot be read, is no regular file, or is malformed: it never counts as missing
 */
export async function readEvidence(path: string): Promise<Evidence | undefined> {
  const bytes = await readOwnFile(path, EVIDENCE_LIMIT, path);
  return bytes && evidenceIn(bytes, path);
}

/**
 * The evidence in the bytes of a file.
 * @param place what it is, for messages
 * @throws InputError if they are malformed
 */
export function evidenceIn(bytes: Uint8Array, place: string): Evidence {
  try {
    return parseEvidence(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    if (isSigstoreBundle(bytes))
      throw new InputError(
        `${place} is a Sigstore bundle, and no evidence file`,
        'helm sigstore verify judges it with its chart, and helm sigstore bundle verify one of any other file',
      );
    throw new InputError(`${place} is no evidence file: ${error.message}`, hintFor(place));
  }
}
