import { sha256Hex, type Sha256 } from '../digest.ts';
import { encodeUtf8 } from '../encoding.ts';
import type { Descriptor } from './descriptor.ts';
import { addToFallback } from './fallback-index.ts';
import { IMAGE_MANIFEST, type StoredManifest } from './manifest.ts';
import { fetchManifestBytes } from './manifests.ts';
import { pushBlob, pushManifest } from './push.ts';
import { listReferrers } from './referrer-lists.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** Content that is attached to a manifest. */
export interface Attachment {
  /** Of the artifact, and the media type of its one layer. */
  readonly artifactType: string;
  readonly bytes: Uint8Array;
}

/** What came of it. */
export interface Attached {
  /** Of the manifest of the attachment. */
  readonly digest: Sha256;
  /** Whether it was attached before. */
  readonly wasThere: boolean;
}

/**
 * Attaches content to a manifest. The same content gives the same manifest, so attaching it again changes nothing. Where the
 * registry does not say that it lists the attachment, the fallback tag of the subject does (distribution specification 1.1,
 * "Pushing Manifests with Subject").
 * @throws SigstoreError `UNCHECKED` if the registry refuses
 */
export async function attach(
  repository: RemoteRepository,
  subject: StoredManifest,
  { artifactType, bytes }: Attachment,
): Promise<Attached> {
  const layer = descriptorOf(bytes, artifactType);
  const manifest = formatAttachment(subject, layer);
  const digest = sha256Hex(manifest);
  if (await isAttached(repository, subject.digest, digest)) return { digest, wasThere: true };
  await pushBlob(repository, EMPTY);
  await pushBlob(repository, bytes);
  const { isListed } = await pushManifest(repository, manifest, IMAGE_MANIFEST);
  const entry = {
    ...descriptorMembers(descriptorOf(manifest, IMAGE_MANIFEST)),
    artifactType,
  };
  if (!isListed) await addToFallback(repository, subject.digest, entry);
  return { digest, wasThere: false };
}

/** The content of the configuration of an artifact that needs none. Image specification 1.1, "Guidance for an Empty Descriptor". */
const EMPTY = encodeUtf8('{}');
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/** Without a time: the same attachment is the same manifest. */
function formatAttachment(subject: StoredManifest, layer: Descriptor): Uint8Array {
  return encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: IMAGE_MANIFEST,
      artifactType: layer.mediaType,
      config: descriptorMembers(descriptorOf(EMPTY, EMPTY_TYPE)),
      layers: [descriptorMembers(layer)],
      subject: descriptorMembers(descriptorOf(subject.bytes, IMAGE_MANIFEST)),
    }),
  );
}

function descriptorOf(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: sha256Hex(bytes), size: bytes.length };
}

/** As JSON spells it. */
function descriptorMembers({ mediaType, digest, size }: Descriptor) {
  return { mediaType, digest: `sha256:${digest}`, size };
}

async function isAttached(repository: RemoteRepository, subject: Sha256, digest: Sha256): Promise<boolean> {
  // What is wrong with a list shows when the attachment is pushed.
  const listed = await listReferrers(repository, subject, []);
  if (!listed.some((each) => each.digest === digest)) return false;
  return (await fetchManifestBytes(repository, { digest })) !== undefined;
}
