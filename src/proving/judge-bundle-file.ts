import type { KeyObject } from 'node:crypto';
import { sha256, type Sha256 } from '../digest.ts';
import { encodeBase64 } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';
import { parseBundles } from '../evidence/parse-bundle.ts';
import { tryEnvelope, trySignatureOver } from '../evidence/signed-bytes.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { SignatureFacts } from '../evidence/library-verdict.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from '../verification/bundle-evidence.ts';

/** A bundle is signed by a key, and nobody named one. */
export class NoKeyError extends InputError {}

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
  { identities, keys }: WantedSigners,
  trust: SigstoreTrust,
  now: number,
): Promise<BundleEvidence> {
  const { judgeByLibrary } = await import('../evidence/sigstore-library.ts');
  const certificate = await certificateOf(bundle, place);
  const candidates = certificate === undefined ? likelyFirst(keys, bundle) : [certificate.publicKey];
  let tried: { readonly sha256: Sha256; readonly facts: SignatureFacts } | undefined;
  for (const candidate of candidates) {
    tried = await factsOf(bundle, file, candidate);
    if (tried.facts.holds) break;
  }
  if (tried === undefined)
    throw new NoKeyError(
      `${place} is signed by a key, which it does not hold`,
      'name the file of the key with --key, if the publisher says in another place that it is his',
    );
  const { sha256: digest, facts } = tried;
  return {
    bundle,
    sha256: digest,
    signed: facts,
    library: judgeByLibrary(bundle, facts, trust, certificate === undefined ? facts.key : undefined),
    certificate,
    trust,
    identities,
    predicateTypes: undefined,
    now,
  };
}

/** The keys of the user, the one that the bundle names first: what it calls it is a hint, and no more. */
function likelyFirst(keys: readonly KeyObject[], { verifier }: SigstoreBundle): readonly KeyObject[] {
  const isNamed = (key: KeyObject) =>
    verifier.kind === 'key' &&
    encodeBase64(sha256(key.export({ format: 'der', type: 'spki' }))) === verifier.hint;
  return [...keys.filter(isNamed), ...keys.filter((key) => !isNamed(key))];
}

/** What the certificate of a bundle says; undefined: it has none. @throws InputError if it cannot be read */
export async function certificateOf(
  { verifier }: SigstoreBundle,
  place: string,
): Promise<SigningCertificate | undefined> {
  if (verifier.kind === 'key') return undefined;
  const { rememberedCertificate } = await import('../evidence/signing-certificate.ts');
  try {
    return rememberedCertificate(verifier.der);
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
