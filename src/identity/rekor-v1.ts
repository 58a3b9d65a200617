import { sha256 } from '../digest.ts';
import { decodeHex, encodeBase64, encodeHex, encodeUtf8, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseLogEntry } from '../rekor/schemas.ts';
import { parseSignatureEntry } from '../rekor/signature-entry.ts';
import { envelopeJson } from '../services/bundle-json.ts';
import type { FreshSignature } from './fresh-signature.ts';
import { proofJsonOf, type LogEntryJson } from '../services/log-entry.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from '../services/service-request.ts';
import type { SigstoreService } from '../services/signing-config.ts';

/** The kind of entry for each kind of content, both of version 0.0.1. */
const KINDS = { message: 'hashedrekord', statement: 'dsse' } as const;

/**
 * Puts a signature on a Rekor v1: over a file as a hashedrekord 0.0.1, an envelope as a dsse 0.0.1.
 * @returns undefined if the log has that very entry already
 * @throws LogError if it does not take it, or answers with another entry
 */
export async function logOnRekorV1(
  { url }: SigstoreService,
  fresh: FreshSignature,
  asking: Asking,
): Promise<LogEntryJson | undefined> {
  const request: ServiceRequest = {
    who: 'the transparency log',
    url: new URL(`${url}/api/v1/log/entries`),
    json: proposedEntry(fresh),
    maxBytes: 1 << 20,
    statuses: [409],
  };
  const answer = await askService(asking, request);
  if (answer.status === 409) return undefined;
  return readAnswer(request, answer, (json) => readRekorV1Entry(json, fresh));
}

/**
 * The entry in the answer of a Rekor v1, if it is that of this signature and its proof leads to its checkpoint.
 * @throws MalformedError
 */
export function readRekorV1Entry(json: unknown, fresh: FreshSignature): LogEntryJson {
  const { body, logId, proof, time } = parseLogEntry(json);
  const kindVersion = { kind: KINDS[fresh.content.kind], version: '0.0.1' };
  const { signed, signature, verifier } = parseSignatureEntry(body, kindVersion);
  const isSame =
    signed.algorithm === 'sha256' &&
    equalBytes(signed.value, loggedDigest(fresh)) &&
    equalBytes(signature, fresh.signature) &&
    verifier.kind === 'certificate' &&
    equalBytes(verifier.der, fresh.certificate.der);
  if (!isSame) throw new MalformedError('the entry is that of another signature');
  return {
    logIndex: String(time.logIndex),
    logId: { keyId: encodeBase64(decodeHex(logId)) },
    kindVersion,
    integratedTime: String(time.integratedTime),
    inclusionPromise: { signedEntryTimestamp: encodeBase64(time.signature) },
    inclusionProof: proofJsonOf(body, proof),
    canonicalizedBody: encodeBase64(body),
  };
}

function proposedEntry(fresh: FreshSignature): object {
  const { content, digest, signature, certificate } = fresh;
  const verifier = encodeBase64(encodeUtf8(certificate.pem));
  if (content.kind === 'message')
    return {
      kind: 'hashedrekord',
      apiVersion: '0.0.1',
      spec: {
        data: { hash: { algorithm: 'sha256', value: encodeHex(digest) } },
        signature: { content: encodeBase64(signature), publicKey: { content: verifier } },
      },
    };
  const envelope = JSON.stringify(envelopeJson(content, signature));
  return {
    kind: 'dsse',
    apiVersion: '0.0.1',
    spec: { proposedContent: { envelope, verifiers: [verifier] } },
  };
}

/** SHA-256 of what the entry names: of the file, or of the payload of the envelope. */
function loggedDigest({ content, digest }: FreshSignature): Uint8Array {
  return content.kind === 'message' ? digest : sha256(content.payload);
}
