import { sha256Hex, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import type { HttpAnswer } from '../http/request.ts';
import { badRegistryAnswer, registryRefusal } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** Bytes of answers to what is pushed. */
const ANSWER_LIMIT = 64 << 10;

/**
 * Puts content into a repository, unless it is there: distribution specification 1.1, "Pushing Blobs".
 * @throws SigstoreError `UNCHECKED` if the registry refuses, or wants it to be sent to another server
 */
export async function pushBlob(repository: RemoteRepository, bytes: Uint8Array): Promise<void> {
  const digest = sha256Hex(bytes);
  const there = await repository.ask({
    method: 'HEAD',
    url: repository.url(`blobs/sha256:${digest}`),
    maxBytes: ANSWER_LIMIT,
  });
  if (there.status !== 200) await upload(repository, bytes, digest);
}

/**
 * Puts a manifest into a repository, under its digest or a tag: distribution specification 1.1, "Pushing Manifests".
 * @returns whether the registry lists it for its subject, so that no fallback tag is needed
 * @throws SigstoreError `UNCHECKED` if the registry refuses
 */
export async function pushManifest(
  repository: RemoteRepository,
  bytes: Uint8Array,
  mediaType: string,
  tag?: string,
): Promise<{ readonly isListed: boolean }> {
  const digest = sha256Hex(bytes);
  const url = repository.url(`manifests/${tag ?? `sha256:${digest}`}`);
  const answer = await repository.ask({
    method: 'PUT',
    url,
    headers: { 'content-type': mediaType },
    body: bytes,
    maxBytes: ANSWER_LIMIT,
  });
  requireCreated(answer, digest);
  return { isListed: answer.headers['oci-subject'] !== undefined };
}

async function upload(repository: RemoteRepository, bytes: Uint8Array, digest: Sha256): Promise<void> {
  const begun = await repository.ask({
    method: 'POST',
    url: repository.url('blobs/uploads/'),
    maxBytes: ANSWER_LIMIT,
  });
  if (begun.status !== 202) throw registryRefusal(begun);
  const url = placeOf(begun, repository);
  url.search += `${url.search === '' ? '?' : '&'}digest=sha256%3A${digest}`;
  const answer = await repository.ask({
    method: 'PUT',
    url,
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes,
    maxBytes: ANSWER_LIMIT,
  });
  requireCreated(answer, digest);
}

/** Where a registry wants an upload to be sent: to itself, for that is where the credentials may go. */
function placeOf({ url, headers }: HttpAnswer, repository: RemoteRepository): URL {
  const location = headers['location'] ?? '';
  if (location === '' || !URL.canParse(location, url.href))
    throw badRegistryAnswer(url, 'it does not say where the content is to be sent');
  const place = new URL(location, url);
  if (!repository.isOwn(place))
    throw badRegistryAnswer(
      url,
      `it wants the content to be sent to ${place.origin}, which is another server`,
    );
  place.hash = '';
  return place;
}

function requireCreated(answer: HttpAnswer, digest: Sha256): void {
  if (answer.status !== 201) throw registryRefusal(answer);
  const said = answer.headers['docker-content-digest'];
  if (said !== undefined && said !== `sha256:${digest}`)
    throw badRegistryAnswer(
      answer.url,
      `it says that it took ${excerpt(said, 80)}, and was given sha256:${digest}`,
    );
}
