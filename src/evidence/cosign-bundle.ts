import { createPublicKey } from 'node:crypto';
import { sha256 } from '../digest.ts';
import { decodeBase64, decodeHex, decodeUtf8, encodeBase64 } from '../encoding.ts';
import { MalformedError, messageOf } from '../errors.ts';
import { derOfPem } from '../pem.ts';
import { parseSignatureEntry } from '../rekor/signature-entry.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { BundleJson, CosignJson } from './bundle-schema.ts';

/**
 * The bundle of cosign 2 as a Sigstore bundle 0.1, member by member: nothing is added but the digest that its entry names.
 * @throws MalformedError if it has no certificate and no public key, or its entry cannot be read
 */
export function bundleOfCosign({ base64Signature, cert, rekorBundle }: CosignJson): BundleJson {
  const { SignedEntryTimestamp, Payload } = rekorBundle;
  const kindVersion = kindOf(decodeBase64(Payload.body));
  const { signed } = parseSignatureEntry(decodeBase64(Payload.body), kindVersion);
  if (signed.kind !== 'digest' || signed.algorithm !== 'sha256')
    throw new MalformedError(
      `expected an entry with a SHA-256 digest, found one of kind ${kindVersion.kind}`,
    );
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      ...verifierOf(cert),
      tlogEntries: [
        {
          logIndex: `${Payload.logIndex}`,
          logId: { keyId: encodeBase64(decodeHex(Payload.logID)) },
          kindVersion,
          integratedTime: `${Payload.integratedTime}`,
          inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
          canonicalizedBody: Payload.body,
        },
      ],
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: encodeBase64(signed.value) },
      signature: base64Signature,
    },
  };
}

function verifierOf(cert: string | undefined): Partial<BundleJson['verificationMaterial']> {
  if (cert === undefined) throw new MalformedError('expected a member "cert", found none');
  const pem = decodeUtf8(decodeBase64(cert));
  if (!pem.includes('-----BEGIN PUBLIC KEY-----'))
    return {
      x509CertificateChain: { certificates: [{ rawBytes: encodeBase64(derOfPem(pem, 'CERTIFICATE')) }] },
    };
  const spki = derOfPem(pem, 'PUBLIC KEY');
  try {
    createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (error) {
    throw new MalformedError(`not a public key: ${messageOf(error)}`);
  }
  return { publicKey: { hint: encodeBase64(sha256(spki)) } };
}

function kindOf(body: Uint8Array): { kind: string; version: string } {
  const json = parseStrictJson(body);
  const { kind, apiVersion } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    throw new MalformedError('expected an entry with kind and apiVersion, found neither');
  return { kind, version: apiVersion };
}
