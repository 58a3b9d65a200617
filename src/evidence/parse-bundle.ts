import { requireSimpleDer } from '../simple-der.ts';
import { decodeBase64, decodeUtf8, encodeHex, encodeUtf8, excerpt, parseDecimal } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';
import { bundleSchema, cosignSchema, type BundleJson } from './bundle-schema.ts';
import { bundleOfCosign } from './cosign-bundle.ts';
import {
  BUNDLE_LIMIT,
  MAX_BUNDLES,
  type BundleEntry,
  type BundleForm,
  type BundleVerifier,
  type DigestAlgorithm,
  type SigstoreBundle,
  type SignedContent,
} from './sigstore-bundle.ts';

/**
 * The Sigstore bundles in the bytes of a file: one bundle of version 0.1, 0.2 or 0.3, or one that cosign 2 wrote; or
 * several, a line each, as GitHub gives attestations. Nothing of them is judged.
 * @throws MalformedError on anything else, on unknown members, and on more than `BUNDLE_LIMIT` bytes
 */
export function parseBundles(bytes: Uint8Array): readonly SigstoreBundle[] {
  if (bytes.length > BUNDLE_LIMIT)
    throw new MalformedError(`expected at most ${BUNDLE_LIMIT} bytes, found ${bytes.length}`);
  const lines = linesOf(decodeUtf8(bytes));
  // JSON may have line breaks of its own: it is JSON lines if each of several lines is an object.
  if (lines.length < 2 || !lines.every((line) => line.startsWith('{') && line.endsWith('}')))
    return [parseBundle(bytes)];
  if (lines.length > MAX_BUNDLES)
    throw new MalformedError(`expected at most ${MAX_BUNDLES} bundles, found ${lines.length}`);
  return lines.map((line) => parseBundle(encodeUtf8(line)));
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parseBundle(bytes: Uint8Array): SigstoreBundle {
  const json = parseStrictJson(bytes);
  if (typeof json === 'object' && json !== null && 'rekorBundle' in json)
    return bundleOf(bundleOfCosign(checkShape(cosignSchema(), json)), 'cosign');
  const form = formOf(json);
  return bundleOf(checkShape(bundleSchema(), json), form);
}

/** Comes before all other checks, as the members of other versions are not known. */
function formOf(json: unknown): BundleForm {
  const mediaType = (json as { mediaType?: unknown } | null)?.mediaType;
  if (typeof mediaType !== 'string') throw new MalformedError('mediaType: expected a string, found none');
  const form = FORMS.get(mediaType);
  if (form === undefined)
    throw new MalformedError(
      `mediaType: expected a Sigstore bundle 0.1, 0.2 or 0.3, found ${excerpt(mediaType)}`,
    );
  return form;
}

const FORMS: ReadonlyMap<string, BundleForm> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
]);

function bundleOf(json: BundleJson, form: BundleForm): SigstoreBundle {
  const { tlogEntries, timestampVerificationData } = json.verificationMaterial;
  const timestamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  return {
    form,
    verifier: verifierOf(json.verificationMaterial, form),
    content: contentOf(json),
    entry: entryOf(onlyOne(tlogEntries), form),
    timestamps: timestamps.map(({ signedTimestamp }) => derOf(signedTimestamp)),
    json,
  };
}

function derOf(base64: string): Uint8Array {
  const der = decodeBase64(base64);
  requireSimpleDer(der);
  return der;
}

/** The only item of a list that the schema lets have one. */
function onlyOne<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new MalformedError('expected one, found none');
  return item;
}

function verifierOf(
  { certificate, x509CertificateChain, publicKey }: BundleJson['verificationMaterial'],
  form: BundleForm,
): BundleVerifier {
  const given = [certificate, x509CertificateChain, publicKey].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new MalformedError(
      `expected one of certificate, x509CertificateChain and publicKey, found ${given.length}`,
    );
  if (publicKey !== undefined) return { kind: 'key', hint: publicKey.hint ?? '' };
  // In a chain, a bundle could bring intermediates of its own; version 0.3 has none.
  const leaf = form === '0.3' ? certificate : x509CertificateChain?.certificates[0];
  if (leaf === undefined)
    throw new MalformedError(
      form === '0.3'
        ? 'expected a certificate, as in version 0.3, found a chain'
        : 'expected a chain of certificates, as before version 0.3, found a single one',
    );
  return { kind: 'certificate', der: derOf(leaf.rawBytes) };
}

function contentOf({ messageSignature, dsseEnvelope }: BundleJson): SignedContent {
  if ((messageSignature === undefined) === (dsseEnvelope === undefined))
    throw new MalformedError(
      `expected one of messageSignature and dsseEnvelope, found ${messageSignature ? 'both' : 'neither'}`,
    );
  if (dsseEnvelope !== undefined) {
    const { payload, payloadType, signatures } = dsseEnvelope;
    return {
      kind: 'envelope',
      signature: decodeBase64(onlyOne(signatures).sig),
      payload: decodeBase64(payload),
      payloadType,
    };
  }
  if (messageSignature?.messageDigest === undefined)
    throw new MalformedError('messageSignature: expected a member "messageDigest", found none');
  const { algorithm, digest } = messageSignature.messageDigest;
  return {
    kind: 'message',
    signature: decodeBase64(messageSignature.signature),
    digest: { algorithm: ALGORITHMS[algorithm], value: decodeBase64(digest) },
  };
}

const ALGORITHMS: Readonly<Record<'SHA2_256' | 'SHA2_384' | 'SHA2_512', DigestAlgorithm>> = {
  SHA2_256: 'sha256',
  SHA2_384: 'sha384',
  SHA2_512: 'sha512',
};

function entryOf(
  entry: BundleJson['verificationMaterial']['tlogEntries'][number],
  form: BundleForm,
): BundleEntry {
  const { inclusionPromise, inclusionProof, kindVersion } = entry;
  const integratedTime = parseDecimal(entry.integratedTime ?? '0');
  const isOld = form === '0.1' || form === 'cosign';
  if (isOld && !inclusionPromise)
    throw new MalformedError(`expected an inclusionPromise in a bundle ${form}, found none`);
  if (!isOld && !inclusionProof)
    throw new MalformedError(`expected an inclusionProof in a bundle ${form}, found none`);
  return {
    ...kindVersion,
    body: decodeBase64(entry.canonicalizedBody),
    logId: encodeHex(decodeBase64(entry.logId.keyId)),
    logIndex: parseDecimal(entry.logIndex ?? '0'),
    promise: inclusionPromise
      ? { integratedTime, signature: decodeBase64(inclusionPromise.signedEntryTimestamp) }
      : undefined,
    proof: inclusionProof
      ? {
          index: parseDecimal(inclusionProof.logIndex ?? '0'),
          size: parseDecimal(inclusionProof.treeSize ?? '0'),
          rootHash: decodeBase64(inclusionProof.rootHash),
          hashes: (inclusionProof.hashes ?? []).map(decodeBase64),
          checkpoint: inclusionProof.checkpoint.envelope,
        }
      : undefined,
  };
}
