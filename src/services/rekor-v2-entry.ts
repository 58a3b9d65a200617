import * as z from '../zod.ts';
import { decodeBase64, encodeBase64, parseDecimal } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import { proofJsonOf, type EntryProof, type LogEntryJson } from './log-entry.ts';
import { HASH_NAMES, type LoggableSignature } from './loggable-signature.ts';

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

const derSchema = lateSchema(() => z.optional(z.strictObject({ rawBytes: z.string() })));
const bodySchema = lateSchema(() =>
  z.strictObject({
    apiVersion: z.literal('0.0.2'),
    kind: z.literal('hashedrekord'),
    spec: z.strictObject({
      hashedRekordV002: z.strictObject({
        data: z.strictObject({ algorithm: z.string(), digest: z.string() }),
        signature: z.strictObject({
          content: z.string(),
          verifier: z.strictObject({
            keyDetails: z.string(),
            x509Certificate: derSchema(),
            publicKey: derSchema(),
          }),
        }),
      }),
    }),
  }),
);

/**
 * The entry in the answer of a Rekor v2, if it is that of this signature and its proof leads to its checkpoint.
 * @throws MalformedError
 */
export function readRekorV2Entry(json: unknown, logged: LoggableSignature): LogEntryJson {
  const { logIndex, logId, inclusionProof, canonicalizedBody } = checkShape(entrySchema(), json);
  if (decodeBase64(logId.keyId).length < 4) throw new MalformedError('the entry names no log');
  if (inclusionProof.logIndex !== logIndex)
    throw new MalformedError('the entry and its proof have different indexes');
  const proof = {
    index: parseDecimal(inclusionProof.logIndex),
    size: parseDecimal(inclusionProof.treeSize),
    rootHash: decodeBase64(inclusionProof.rootHash),
    hashes: inclusionProof.hashes.map(decodeBase64),
    checkpoint: inclusionProof.checkpoint.envelope,
  };
  return rekorV2Entry(decodeBase64(canonicalizedBody), logId.keyId, proof, logged);
}

/**
 * An entry of a Rekor v2 as a bundle holds it, if it is that of this signature and the proof leads to the checkpoint.
 * @param logId in base64
 * @throws MalformedError
 */
export function rekorV2Entry(
  body: Uint8Array,
  logId: string,
  proof: EntryProof,
  logged: LoggableSignature,
): LogEntryJson {
  const { data, signature } = checkShape(bodySchema(), parseJson(body)).spec.hashedRekordV002;
  const { digest, verifier } = logged;
  const { x509Certificate, publicKey, keyDetails } = signature.verifier;
  const [named, other] =
    verifier.kind === 'certificate' ? [x509Certificate, publicKey] : [publicKey, x509Certificate];
  const isSame =
    data.algorithm === HASH_NAMES[digest.algorithm] &&
    data.digest === encodeBase64(digest.value) &&
    signature.content === encodeBase64(logged.signature) &&
    keyDetails === verifier.keyDetails &&
    named?.rawBytes === encodeBase64(verifier.der) &&
    other === undefined;
  if (!isSame) throw new MalformedError('the entry is that of another signature');
  return {
    logIndex: String(proof.index),
    logId: { keyId: logId },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: proofJsonOf(body, proof),
    canonicalizedBody: encodeBase64(body),
  };
}
