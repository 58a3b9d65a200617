import { sha256Hex, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseStrictJson } from '../strict-json.ts';
import { objectMembers, parseDescriptor, parseList, parseText, type Descriptor } from './descriptor.ts';

/** An image manifest: what it consists of, and what it is attached to. Image specification 1.1, "Image Manifest". */
export interface ImageManifest {
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  /** What whoever made it says of it; empty where nothing is. */
  readonly annotations: ReadonlyMap<string, string>;
}

/** A manifest as it is stored in a registry. */
export interface StoredManifest extends ImageManifest {
  /** Of its bytes. */
  readonly digest: Sha256;
  readonly bytes: Uint8Array;
}

/** The media type of image manifests, which charts are. */
export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
/** The media type of lists of manifests. */
export const IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json';

/** All media types of lists of manifests: the second one is Docker's. */
export const INDEX_TYPES: readonly string[] = [
  IMAGE_INDEX,
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** The most bytes of a manifest or an index. Distribution specification 1.1, "Pushing Manifests". */
export const IMAGE_MANIFEST_LIMIT = 4 << 20;

/**
 * The manifest that bytes spell. Only what is in them counts: no digest covers the headers that they came with.
 * @throws MalformedError on anything else; an index (a list of manifests) is named as such
 */
export function parseImageManifest(bytes: Uint8Array): StoredManifest {
  const json = objectMembers(parseStrictJson(bytes), 'manifest', MEMBERS);
  const mediaType = parseText(json['mediaType'], 'mediaType') ?? IMAGE_MANIFEST;
  if (json['manifests'] !== undefined || INDEX_TYPES.includes(mediaType))
    throw new MalformedError('it is an index, which lists several manifests, and no chart');
  if (mediaType !== IMAGE_MANIFEST)
    throw new MalformedError(`expected the media type ${IMAGE_MANIFEST}, found ${excerpt(mediaType)}`);
  if (json['schemaVersion'] !== 2) throw new MalformedError('schemaVersion: expected 2');
  const artifactType = parseText(json['artifactType'], 'artifactType');
  const { subject } = json;
  return {
    digest: sha256Hex(bytes),
    bytes,
    config: parseDescriptor(json['config'], 'config'),
    layers: parseList(json['layers'], 'layers', MAX_LAYERS).map((layer, index) =>
      parseDescriptor(layer, `layers.${index}`),
    ),
    annotations: parseAnnotations(json['annotations']),
    ...(artifactType !== undefined && { artifactType }),
    ...(subject !== undefined && subject !== null && { subject: parseDescriptor(subject, 'subject') }),
  };
}

/**
 * What the layers of a manifest say of themselves, in their order. Charts say nothing there, so it is read only where it is asked for.
 * @throws MalformedError if that is no text
 */
export function annotationsOfLayers({ bytes }: StoredManifest): readonly ReadonlyMap<string, string>[] {
  const { layers } = objectMembers(parseStrictJson(bytes), 'manifest', MEMBERS);
  return parseList(layers, 'layers', MAX_LAYERS).map((layer, index) =>
    parseAnnotations(objectMembers(layer, `layers.${index}`, ['annotations'])['annotations']),
  );
}

/** Image specification 1.1, "Annotations": Go reads nothing else than texts. */
function parseAnnotations(json: unknown): ReadonlyMap<string, string> {
  if (json === undefined || json === null) return new Map();
  return new Map(
    Object.entries(objectMembers(json, 'annotations', [])).map(([name, value]) => [
      name,
      parseText(value ?? '', `annotations.${excerpt(name)}`) ?? '',
    ]),
  );
}

/**
 * What kind of artifact a manifest is: what it says, else the media type of its configuration (image specification 1.1,
 * "Guidelines for Artifact Usage").
 */
export function artifactTypeOf({ artifactType, config }: ImageManifest): string {
  return artifactType === undefined || artifactType === '' ? config.mediaType : artifactType;
}

/** The names that Go would read. */
const MEMBERS = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'subject',
  'manifests',
  'annotations',
];
const MAX_LAYERS = 1000;
