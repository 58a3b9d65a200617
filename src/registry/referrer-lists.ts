import type { Sha256 } from '../digest.ts';
import { MalformedError, messageOf, NotFoundError, SigstoreError } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import { parseStrictJson } from '../strict-json.ts';
import { objectMembers, parseDescriptor, parseList, parseText } from './descriptor.ts';
import { fallbackTag } from './fallback-tag.ts';
import { IMAGE_INDEX, IMAGE_MANIFEST_LIMIT } from './manifest.ts';
import { fetchManifestBytes } from './manifests.ts';
import { pagesOf } from './pages.ts';
import { badRegistryAnswer } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** A manifest that a list names. */
export interface Listed {
  readonly digest: Sha256;
  /** As the list says. */
  readonly artifactType: string | undefined;
}

/**
 * What the API of referrers and the index under the fallback tag list for a manifest (distribution specification 1.1, "Listing
 * Referrers"), those of the API first. A list that cannot be used does no harm to the other one.
 * @param problems takes the reason why a list was left out
 */
export async function listReferrers(
  repository: RemoteRepository,
  digest: Sha256,
  problems: string[],
): Promise<readonly Listed[]> {
  const listed = new Map<Sha256, Listed>();
  for (const list of [listedByApi, listedByTag])
    await tolerated(problems, async () => {
      for await (const each of list(repository, digest))
        if (!listed.has(each.digest)) listed.set(each.digest, each);
    });
  return [...listed.values()];
}

/** What an index lists. @throws MalformedError on anything else than an index */
export function parseIndex(bytes: Uint8Array): readonly Listed[] {
  const json = objectMembers(parseStrictJson(bytes), 'index', MEMBERS);
  if ((parseText(json['mediaType'], 'mediaType') ?? IMAGE_INDEX) !== IMAGE_INDEX)
    throw new MalformedError('it is no index');
  return parseList(json['manifests'], 'manifests', MAX_LISTED).map((each, index) => {
    const place = `manifests.${index}`;
    const { digest } = parseDescriptor(each, place);
    const { artifactType } = objectMembers(each, place, ['artifactType']);
    return { digest, artifactType: parseText(artifactType, `${place}.artifactType`) };
  });
}

const MEMBERS = ['schemaVersion', 'mediaType', 'manifests', 'annotations', 'artifactType', 'subject'];
const MAX_LISTED = 10_000;

/** The statuses of registries that do not have the API. */
const WITHOUT_API: readonly number[] = [400, 404, 405, 501];

async function* listedByApi(
  repository: RemoteRepository,
  digest: Sha256,
): AsyncGenerator<Listed, void, void> {
  const accepted = { accept: IMAGE_INDEX, maxBytes: IMAGE_MANIFEST_LIMIT };
  for await (const answer of pagesOf(repository, repository.url(`referrers/sha256:${digest}`), accepted)) {
    if (WITHOUT_API.includes(answer.status)) return;
    if (answer.status !== 200) throw repository.refusal(answer, 'referrers');
    yield* readIndex(answer);
  }
}

async function* listedByTag(
  repository: RemoteRepository,
  digest: Sha256,
): AsyncGenerator<Listed, void, void> {
  const answer = await fetchManifestBytes(repository, { tag: fallbackTag(digest) });
  if (answer !== undefined) yield* readIndex(answer);
}

function readIndex({ url, body }: HttpAnswer): readonly Listed[] {
  try {
    return parseIndex(body);
  } catch (error) {
    if (error instanceof MalformedError) throw badRegistryAnswer(url, error.message);
    throw error;
  }
}

/** Does the work; takes down why it failed where a registry is the reason. */
export async function tolerated(problems: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isTolerable =
      error instanceof NotFoundError || (error instanceof SigstoreError && error.code === 'UNCHECKED');
    if (!isTolerable) throw error;
    problems.push(messageOf(error));
  }
}
