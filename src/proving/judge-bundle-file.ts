import type { Sha256 } from '../digest.ts';
import { InputError, MalformedError } from '../errors.ts';
import { parseBundles } from '../evidence/parse-bundle.ts';
import { tryEnvelope, trySignatureOver } from '../evidence/signed-bytes.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { SignatureFacts } from '../evidence/library-verdict.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from '../verification/bundle-evidence.ts';

/** The bytes of a file, as often as they are asked for. */
export type FileBytes = () => AsyncIterable<Uint8Array>;

/**
 * The bundles in the bytes of a file.
 * @param place what it is, for messages
 * @throws InputError if they are malformed
 */
export function bundlesIn(bytes: Uint8Array, place: string): readonly SigstoreBundle[] {
  try {
    return parseBundles(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`${place} is no Sigstore bundle: ${error.message}`, {
      consumer: 'get the bundle again, from where the publisher puts it',
      publisher: 'sign the file again',
    });
  }
}

/**
 * All that a bundle is judged by, with a file that is read once.
 * @throws InputError if the certificate of the bundle cannot be read, or the user has no key for one without
 */
export async function bundleEvidence(
  bundle: SigstoreBundle,
  place: string,
  file: FileBytes,
  { identities, key }: WantedSigners,
  trust: SigstoreTrust,
  now: number,
): Promise<BundleEvidence> {
  const { judgeByLibrary } = await import('../evidence/sigstore-library.ts');
  const certificate = await certificateOf(bundle, place);
  const signer = certificate?.publicKey ?? key;
  if (signer === undefined)
    throw new InputError(
      `${place} is signed by a key, which it does not hold`,
      'name the file of the key with --key, if the publisher says in another place that it is his',
    );
  const { sha256, facts } = await factsOf(bundle, file, signer);
  return {
    bundle,
    sha256,
    signed: facts,
    library: judgeByLibrary(bundle, facts, trust, certificate === undefined ? signer : undefined),
    certificate,
    trust,
    identities,
    predicateTypes: undefined,
    now,
  };
}

async function certificateOf(
  { verifier }: SigstoreBundle,
  place: string,
): Promise<SigningCertificate | undefined> {
  if (verifier.kind === 'key') return undefined;
  const { readCertificate } = await import('../evidence/signing-certificate.ts');
  try {
    return readCertificate(verifier.der);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`${place}: ${error.message}`);
  }
}

async function factsOf(
  { content }: SigstoreBundle,
  file: FileBytes,
  signer: SignatureFacts['key'],
): Promise<{ readonly sha256: Sha256; readonly facts: SignatureFacts }> {
  if (content.kind === 'message') return await trySignatureOver(file(), content, signer);
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for await (const chunk of file()) hash.update(chunk);
  return { sha256: hash.digest('hex') as Sha256, facts: tryEnvelope(content, signer) };
}
