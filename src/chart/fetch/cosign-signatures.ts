import type { Sha256 } from '../../digest.ts';
import { ifWellFormed } from '../../errors.ts';
import { bundleOfAnnotations } from '../../evidence/cosign-annotations.ts';
import { CLAIM_LIMIT } from '../../evidence/sigstore-bundle.ts';
import { readBlob } from '../../registry/blobs.ts';
import type { Descriptor } from '../../registry/descriptor.ts';
import { signatureTag } from '../../registry/fallback-tag.ts';
import { annotationsOfLayers, parseImageManifest, type StoredManifest } from '../../registry/manifest.ts';
import { fetchManifestBytes } from '../../registry/manifests.ts';
import { formatReference } from '../../registry/reference.ts';
import { tolerated } from '../../registry/referrer-lists.ts';
import type { RemoteRepository } from '../../registry/remote-repository.ts';
import type { NamedBundles } from '../chart-files.ts';

/** A layer with a text that is signed in place of a manifest. */
const SIGNED_CLAIM = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** The most signatures of one chart that are looked at: each costs a judgement. */
const MAX_SIGNATURES = 16;
/** The most bytes of the manifest that lists them: each has some thousands of its own. */
const MAX_SIZE = 1 << 20;

/** A signature as it is listed. */
interface ListedSignature {
  readonly claim: Descriptor;
  readonly bundle: Uint8Array;
  /** Among the layers, from 1 on. */
  readonly number: number;
}

/**
 * The signatures that cosign 2 kept under a tag of its own, over texts that name this manifest, the newest first. What cannot be
 * had of them does no harm: anybody who may push can change the tag.
 * @throws InputError on a bad file of credentials
 */
export async function cosignSignatures(
  repository: RemoteRepository,
  manifest: StoredManifest,
): Promise<readonly NamedBundles[]> {
  const tag = signatureTag(manifest.digest);
  const answer = await ifGiven(() => fetchManifestBytes(repository, { tag }, MAX_SIZE));
  const listed = answer && ifWellFormed(() => signaturesIn(answer.body));
  const claims = new Map<Sha256, Uint8Array | undefined>();
  const found: NamedBundles[] = [];
  for (const { claim, bundle, number } of listed ?? []) {
    // Signatures of several over one manifest are over the same text.
    if (!claims.has(claim.digest))
      claims.set(claim.digest, await ifGiven(() => readBlob(repository, claim, CLAIM_LIMIT)));
    const text = claims.get(claim.digest);
    if (text === undefined) continue;
    const label = `${formatReference({ ...repository.name, tag })} (signature ${number})`;
    found.push({ label, bytes: bundle, manifest: manifest.bytes, claim: text });
  }
  return found;
}

/**
 * The signatures that a manifest under such a tag lists, as many as are looked at, the newest first. Those without an entry of a
 * log prove nothing, and are left out.
 * @throws MalformedError if it is no manifest
 */
export function signaturesIn(bytes: Uint8Array): readonly ListedSignature[] {
  const list = parseImageManifest(bytes);
  const annotations = annotationsOfLayers(list);
  const found: ListedSignature[] = [];
  // cosign adds them at the end.
  for (let index = list.layers.length - 1; index >= 0 && found.length < MAX_SIGNATURES; index--) {
    const [claim, said] = [list.layers[index], annotations[index]];
    if (claim?.mediaType !== SIGNED_CLAIM || said === undefined || claim.size > CLAIM_LIMIT) continue;
    const bundle = ifWellFormed(() => bundleOfAnnotations(said));
    if (bundle) found.push({ claim, bundle, number: index + 1 });
  }
  return found;
}

/** Undefined: the registry does not give it, or gives something else. */
async function ifGiven<T>(ask: () => Promise<T>): Promise<T | undefined> {
  const given: T[] = [];
  await tolerated([], async () => void given.push(await ask()));
  return given[0];
}
