import { hash } from 'node:crypto';
import { equalBytes } from '../encoding.ts';
import { InputError, MalformedError, RejectedError } from '../errors.ts';
import { parseBundles } from '../evidence/parse-bundle.ts';
import { PROVENANCE_BUNDLE_TYPE, type SignedMessage } from '../evidence/sigstore-bundle.ts';
import { preimageOf } from '../openpgp/plain-signature.ts';
import { parseProvenance } from '../provenance/provenance.ts';
import type { FileToAttach } from './files-to-attach.ts';

/** A file of Sigstore bundles that show the signature of a provenance, and what they sign. */
interface ProvenanceBundleFile extends FileToAttach {
  readonly messages: readonly SignedMessage[];
}

/** The bundles in the bytes of a file. @throws InputError if they are malformed, or none of a provenance */
export function provenanceBundleFile(path: string, bytes: Uint8Array): ProvenanceBundleFile {
  try {
    const messages = parseBundles(bytes).map(({ content, verifier }) => {
      if (verifier.kind === 'key' && content.kind === 'message') return content;
      throw new MalformedError('it is not signed by a key over a text');
    });
    return { path, artifactType: PROVENANCE_BUNDLE_TYPE, bytes, messages };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(
      `${path} is no Sigstore bundle of a provenance: ${error.message}`,
      'a bundle of the chart itself is attached with --bundle',
    );
  }
}

/**
 * Whether the bundles sign what this provenance signs. Nothing of them is judged.
 * @param chart for messages
 * @throws RejectedError if they sign something else
 */
export function requireSameProvenance(
  { path, messages }: ProvenanceBundleFile,
  provenance: Uint8Array | undefined,
  chart: string,
): void {
  const preimage = provenance && preimageIn(provenance);
  const isOfIt = ({ digest }: SignedMessage) =>
    preimage !== undefined && equalBytes(hash(digest.algorithm, preimage, 'buffer'), digest.value);
  if (messages.every(isOfIt)) return;
  throw new RejectedError(
    `${path} is a bundle of another provenance than that of ${chart}: nothing was pushed`,
    'a chart that was signed again has another provenance: log that one, too',
  );
}

/** What a provenance signs; undefined: it is none. */
function preimageIn(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const { signature, signedBytes } = parseProvenance(bytes);
    return preimageOf(signature, signedBytes);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
