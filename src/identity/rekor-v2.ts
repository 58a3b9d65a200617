import * as z from '../zod.ts';
import { decodeBase64, encodeBase64, parseDecimal } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import type { FreshSignature } from './fresh-signature.ts';
import { proofJsonOf, type LogEntryJson } from './log-entry.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from './service-request.ts';
import type { SigstoreService } from './signing-config.ts';

const KEY_DETAILS = 'PKIX_ECDSA_P256_SHA_256';

const number = lateSchema(() => z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,15})$/, 'a decimal number')));
const hash = lateSchema(() => z.string().check(z.maxLength(100, 'a hash')));
const entrySchema = lateSchema(() =>
  z.object({
    logIndex: number(),
    logId: z.object({ keyId: hash() }),
    kindVersion: z.object({ kind: z.literal('hashedrekord'), version: z.literal('0.0.2') }),
    inclusionProof: z.object({
      logIndex: number(),
      rootHash: hash(),
      treeSize: number(),
      hashes: z.array(hash()).check(z.maxLength(ENTRY_LIMITS.hashes, 'at most 64 hashes')),
      checkpoint: z.object({
        envelope: z
          .string()
          .check(z.maxLength(ENTRY_LIMITS.checkpoint, 'a note of at most 16,384 characters')),
      }),
    }),
    canonicalizedBody: z.string(),
  }),
);

const bodySchema = lateSchema(() =>
  z.strictObject({
    apiVersion: z.literal('0.0.2'),
    kind: z.literal('hashedrekord'),
    spec: z.strictObject({
      hashedRekordV002: z.strictObject({
        data: z.strictObject({ algorithm: z.literal('SHA2_256'), digest: z.string() }),
        signature: z.strictObject({
          content: z.string(),
          verifier: z.strictObject({
            keyDetails: z.literal(KEY_DETAILS),
            x509Certificate: z.strictObject({ rawBytes: z.string() }),
          }),
        }),
      }),
    }),
  }),
);

/**
 * Puts a signature on a Rekor v2, as a hashedrekord 0.0.2; of an envelope too, whose preimage is what is hashed. The log
 * answers when a checkpoint covers the entry.
 * @returns undefined if the log has that very entry already, and shows it to nobody by this API
 * @throws LogError if it does not take it, or answers with another entry
 */
export async function logOnRekorV2(
  { url }: SigstoreService,
  fresh: FreshSignature,
  asking: Asking,
): Promise<LogEntryJson | undefined> {
  const request: ServiceRequest = {
    who: 'the transparency log',
    url: new URL(`${url}/api/v2/log/entries`),
    json: {
      hashedRekordRequestV002: {
        digest: encodeBase64(fresh.digest),
        signature: {
          content: encodeBase64(fresh.signature),
          verifier: {
            x509Certificate: { rawBytes: encodeBase64(fresh.certificate.der) },
            keyDetails: KEY_DETAILS,
          },
        },
      },
    },
    maxBytes: 1 << 20,
    statuses: [409],
  };
  const answer = await askService(asking, request);
  if (answer.status === 409) return undefined;
  return readAnswer(request, answer, (json) => readRekorV2Entry(json, fresh));
}

/**
 * The entry in the answer of a Rekor v2, if it is that of this signature and its proof leads to its checkpoint.
 * @throws MalformedError
 */
export function readRekorV2Entry(json: unknown, fresh: FreshSignature): LogEntryJson {
  const { logIndex, logId, kindVersion, inclusionProof, canonicalizedBody } = checkShape(entrySchema(), json);
  const body = decodeBase64(canonicalizedBody);
  const { data, signature } = checkShape(bodySchema(), parseJson(body)).spec.hashedRekordV002;
  if (
    data.digest !== encodeBase64(fresh.digest) ||
    signature.content !== encodeBase64(fresh.signature) ||
    signature.verifier.x509Certificate.rawBytes !== encodeBase64(fresh.certificate.der)
  )
    throw new MalformedError('the entry is that of another signature');
  if (decodeBase64(logId.keyId).length < 4) throw new MalformedError('the entry names no log');
  if (inclusionProof.logIndex !== logIndex)
    throw new MalformedError('the entry and its proof have different indexes');
  return {
    logIndex,
    logId: { keyId: logId.keyId },
    kindVersion: { ...kindVersion },
    inclusionProof: proofJsonOf(body, {
      index: parseDecimal(inclusionProof.logIndex),
      size: parseDecimal(inclusionProof.treeSize),
      rootHash: decodeBase64(inclusionProof.rootHash),
      hashes: inclusionProof.hashes.map(decodeBase64),
      checkpoint: inclusionProof.checkpoint.envelope,
    }),
    canonicalizedBody,
  };
}
