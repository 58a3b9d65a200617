import { sha256Hex, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError, NotFoundError, SigstoreError } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import {
  IMAGE_INDEX,
  IMAGE_MANIFEST,
  IMAGE_MANIFEST_LIMIT,
  parseImageManifest,
  type StoredManifest,
} from './manifest.ts';
import { parseDigest } from './reference.ts';
import { badRegistryAnswer } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';
import { listTags } from './tags.ts';

/** What a manifest is asked for by: a tag, or the digest of its bytes. */
export type ManifestName = { readonly tag: string } | { readonly digest: Sha256 };

/**
 * The manifest of this tag or digest. With a digest its bytes have it; with a tag the registry says which one that is.
 * @throws NotFoundError if there is none
 * @throws SigstoreError `UNCHECKED` if the registry refuses, gives other bytes than those asked for, or no manifest
 */
export async function fetchManifest(
  repository: RemoteRepository,
  name: ManifestName,
  maxBytes = IMAGE_MANIFEST_LIMIT,
): Promise<StoredManifest> {
  const answer = await fetchManifestBytes(repository, name, maxBytes);
  if (answer !== undefined) return readManifest(answer);
  const hint = 'tag' in name ? await tagsThere(repository) : OF_THE_MANIFEST;
  throw new NotFoundError(`${repository.label} has no ${nameOf(name)}`, hint);
}

/** The same, as it came, its digest checked; undefined if there is none. It may be anything that is stored as a manifest. */
export async function fetchManifestBytes(
  repository: RemoteRepository,
  name: ManifestName,
  maxBytes = IMAGE_MANIFEST_LIMIT,
): Promise<HttpAnswer | undefined> {
  const url = repository.url(`manifests/${'tag' in name ? name.tag : `sha256:${name.digest}`}`);
  const answer = await repository.ask({
    method: 'GET',
    url,
    headers: { accept: ACCEPTED },
    maxBytes,
  });
  if (answer.status === 404) return undefined;
  // Some registries have no status of their own for a digest that is no manifest's.
  if (answer.status !== 200)
    throw repository.refusal(answer, nameOf(name), 'digest' in name ? OF_THE_MANIFEST : undefined);
  requireDigest(answer, name);
  return answer;
}

/** The manifest that an answer holds. @throws SigstoreError `UNCHECKED` if it holds something else */
function readManifest({ url, body }: HttpAnswer): StoredManifest {
  try {
    return parseImageManifest(body);
  } catch (error) {
    if (error instanceof MalformedError) throw badRegistryAnswer(url, error.message);
    throw error;
  }
}

// An index is named so that the registry gives it as it is, and does not choose one of its manifests for us.
const ACCEPTED = [
  IMAGE_MANIFEST,
  IMAGE_INDEX,
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

function nameOf(name: ManifestName): string {
  return 'tag' in name ? `tag ${name.tag}` : `manifest sha256:${name.digest}`;
}

const OF_THE_MANIFEST =
  'behind the @ stands the digest of the manifest, which helm push and helm pull print; that of the archive is another one';

/** What a repository has in place of a tag that it does not have, for the hint. */
async function tagsThere(repository: RemoteRepository): Promise<string | undefined> {
  try {
    const tags = (await listTags(repository)).filter((tag) => !FALLBACK.test(tag));
    const shown = tags.slice(-SHOWN_TAGS).join(', ');
    const more = tags.length > SHOWN_TAGS ? `${tags.length - SHOWN_TAGS} more, and ` : '';
    return tags.length === 0 ? NO_TAGS : `its tags: ${more}${shown}`;
  } catch (error) {
    // There is no tag, whatever is wrong with the list.
    if (error instanceof SigstoreError) return error instanceof NotFoundError ? NO_TAGS : undefined;
    throw error;
  }
}

const NO_TAGS = 'look at its path and name: the registry knows no tags there';
const SHOWN_TAGS = 10;
/** Tags that clients make for what is attached to a manifest. */
const FALLBACK = /^sha256-[0-9a-f]{64}/;

function requireDigest({ url, body, headers }: HttpAnswer, name: ManifestName): void {
  const found = sha256Hex(body);
  if ('digest' in name && name.digest !== found)
    throw badRegistryAnswer(url, `expected the digest sha256:${name.digest}, found sha256:${found}`);
  // A redirected answer may come from a server that knows nothing of registries; what it says is held to all the same.
  const said = headers['docker-content-digest'];
  if (said !== undefined && digestOf(said) !== found)
    throw badRegistryAnswer(
      url,
      `its header says that the digest is ${excerpt(said, 80)}, found sha256:${found}`,
    );
}

function digestOf(text: string): Sha256 | undefined {
  try {
    return parseDigest(text);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
