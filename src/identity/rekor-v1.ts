import { X509Certificate } from 'node:crypto';
import * as z from '../zod.ts';
import { sha256Hex } from '../digest.ts';
import { decodeBase64, decodeHex, encodeBase64, encodeHex, encodeUtf8, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseLogEntry } from '../rekor/schemas.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { envelopeJson } from '../services/bundle-json.ts';
import type { FreshSignature } from './fresh-signature.ts';
import { proofJsonOf, type LogEntryJson } from '../services/log-entry.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from '../services/service-request.ts';
import type { SigstoreService } from '../services/signing-config.ts';

/** What the bodies of both kinds of entries say: each says all that the schema wants of its kind. */
interface LoggedSignature {
  readonly kind: 'hashedrekord' | 'dsse';
  /** In hexadecimal: of the file, or of the payload. */
  readonly digest: string;
  readonly signature: string;
  /** A certificate in PEM, in base64. */
  readonly verifier: string;
}

const digestSchema = lateSchema(() => z.object({ algorithm: z.literal('sha256'), value: z.string() }));
const hashedrekordSchema = lateSchema(() =>
  z.object({
    apiVersion: z.literal('0.0.1'),
    kind: z.literal('hashedrekord'),
    spec: z.object({
      data: z.object({ hash: digestSchema() }),
      signature: z.object({ content: z.string(), publicKey: z.object({ content: z.string() }) }),
    }),
  }),
);
const dsseSchema = lateSchema(() =>
  z.object({
    apiVersion: z.literal('0.0.1'),
    kind: z.literal('dsse'),
    spec: z.object({
      payloadHash: digestSchema(),
      signatures: z.tuple([z.object({ signature: z.string(), verifier: z.string() })]),
    }),
  }),
);

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
  const logged = readBody(body, fresh.content.kind);
  if (
    logged.digest !== expectedDigest(fresh) ||
    logged.signature !== encodeBase64(fresh.signature) ||
    !equalBytes(certificateIn(logged.verifier), fresh.certificate.der)
  )
    throw new MalformedError('the entry is that of another signature');
  return {
    logIndex: String(time.logIndex),
    logId: { keyId: encodeBase64(decodeHex(logId)) },
    kindVersion: { kind: logged.kind, version: '0.0.1' },
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

function readBody(body: Uint8Array, kind: FreshSignature['content']['kind']): LoggedSignature {
  const json = parseJson(body);
  if (kind === 'message') {
    const { data, signature } = checkShape(hashedrekordSchema(), json).spec;
    const verifier = signature.publicKey.content;
    return { kind: 'hashedrekord', digest: data.hash.value, signature: signature.content, verifier };
  }
  const { payloadHash, signatures } = checkShape(dsseSchema(), json).spec;
  return { kind: 'dsse', digest: payloadHash.value, ...signatures[0] };
}

function expectedDigest({ content, digest }: FreshSignature): string {
  return content.kind === 'message' ? encodeHex(digest) : sha256Hex(content.payload);
}

function certificateIn(verifier: string): Uint8Array {
  try {
    return new X509Certificate(decodeBase64(verifier)).raw;
  } catch {
    throw new MalformedError('the entry has no certificate');
  }
}
