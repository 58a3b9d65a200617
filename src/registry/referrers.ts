import type { Sha256 } from '../digest.ts';
import { artifactTypeOf, type StoredManifest } from './manifest.ts';
import { fetchManifest } from './manifests.ts';
import { listReferrers, tolerated, type Listed } from './referrer-lists.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** What is attached to a manifest. That something is missing proves nothing: whoever can push can take it off the list. */
export interface Referrers {
  /** Each says itself that it is attached to this subject, and what it is. Those of the registry's API come first. */
  readonly manifests: readonly StoredManifest[];
  /** Why something in a list, or a list, was left out; for people. */
  readonly problems: readonly string[];
}

/** The most manifests that are fetched for one subject. */
const MAX_REFERRERS = 64;
/** The most bytes of each: anybody who may push can attach them, and all are in memory. An honest one has less than a thousand. */
const MAX_SIZE = 256 << 10;

/**
 * The manifests of this kind that are attached to a manifest: what the API lists and what the index under the fallback tag lists,
 * together (distribution specification 1.1, "Listing Referrers"). Neither list is believed: each manifest is fetched, and what it
 * says of itself counts. What cannot be used does no harm to the rest.
 * @param digest of the manifest to which they are attached
 * @throws InputError on a bad file of credentials
 */
export async function findReferrers(
  repository: RemoteRepository,
  digest: Sha256,
  artifactType: string,
): Promise<Referrers> {
  const problems: string[] = [];
  const listed = await listReferrers(repository, digest, problems);
  // A registry may list them by another kind than they say; those whose kind is right come first.
  const likely = [...listed].sort((a, b) => rank(a, artifactType) - rank(b, artifactType));
  if (likely.length > MAX_REFERRERS)
    problems.push(`of ${likely.length} manifests that are attached, ${MAX_REFERRERS} were looked at`);
  const manifests: StoredManifest[] = [];
  for (const each of likely.slice(0, MAX_REFERRERS))
    await tolerated(problems, async () => {
      const manifest = await fetchManifest(repository, { digest: each.digest }, MAX_SIZE);
      if (artifactTypeOf(manifest) !== artifactType) return;
      if (manifest.subject?.digest === digest) manifests.push(manifest);
      else problems.push(`the manifest sha256:${each.digest} is attached to something else`);
    });
  return { manifests, problems };
}

function rank({ artifactType }: Listed, wanted: string): number {
  return artifactType === wanted ? 0 : 1;
}
