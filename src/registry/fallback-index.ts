import type { Sha256 } from '../digest.ts';
import { encodeUtf8 } from '../encoding.ts';
import { MalformedError, SigstoreError } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import { parseStrictJson } from '../strict-json.ts';
import { fallbackTag } from './fallback-tag.ts';
import { IMAGE_INDEX, IMAGE_MANIFEST_LIMIT } from './manifest.ts';
import { fetchManifestBytes } from './manifests.ts';
import { pushManifest } from './push.ts';
import { parseIndex } from './referrer-lists.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** What the index under a fallback tag says of a manifest. */
export interface FallbackEntry {
  readonly mediaType: string;
  /** With its algorithm. */
  readonly digest: string;
  readonly size: number;
  readonly artifactType: string;
}

/**
 * Adds a manifest to the index under the fallback tag of its subject. Whatever else is there stays. Clients that do so at the same
 * moment overwrite what the other one wrote, so it is read again, and written again.
 * @throws SigstoreError `UNCHECKED` if something else is under this tag, or the registry refuses
 */
export async function addToFallback(
  repository: RemoteRepository,
  subject: Sha256,
  entry: FallbackEntry,
): Promise<void> {
  const tag = fallbackTag(subject);
  for (let tries = 0; tries < MAX_WRITES; tries++) {
    const index = indexWith(entry, await fetchManifestBytes(repository, { tag }), repository);
    if (index === undefined) return;
    await pushManifest(repository, index, IMAGE_INDEX, tag);
  }
  const index = await fetchManifestBytes(repository, { tag });
  if (index !== undefined && indexWith(entry, index, repository) === undefined) return;
  throw new SigstoreError(
    'UNCHECKED',
    `others changed the tag ${tag} of ${repository.label} at the same time, ${MAX_WRITES} times`,
    'run it again',
  );
}

const MAX_WRITES = 3;

/** The bytes of the index with this entry; undefined if it has it already. */
function indexWith(
  entry: FallbackEntry,
  present: HttpAnswer | undefined,
  repository: RemoteRepository,
): Uint8Array | undefined {
  const { body } = present ?? { body: EMPTY_INDEX };
  try {
    if (parseIndex(body).some(({ digest }) => `sha256:${digest}` === entry.digest)) return undefined;
    // It is one, or the line above would have thrown.
    const index = parseStrictJson(body) as { readonly manifests: readonly unknown[] };
    const bytes = encodeUtf8(JSON.stringify({ ...index, manifests: [...index.manifests, entry] }));
    if (bytes.length > IMAGE_MANIFEST_LIMIT) throw new MalformedError('it has no room for more');
    return bytes;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new SigstoreError(
      'UNCHECKED',
      `${present?.url.pathname ?? repository.label} should list what is attached, and cannot be added to: ${error.message}`,
      'it was left as it is; if nothing needs it, remove this tag, and run it again',
    );
  }
}

const EMPTY_INDEX = encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [] }));
