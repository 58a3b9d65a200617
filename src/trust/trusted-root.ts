import * as z from '../zod.ts';
import { decodeBase64, encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { logKeyFromSpki, type LogKey } from '../tlog/log-key.ts';
import { rootLogMembers, trustedRootType, validityOf } from './root-schema.ts';

/** A log that a trusted root names, with one of its keys and the time for which that is valid. */
export interface RootLog {
  readonly url: string;
  readonly key: LogKey;
}

const logSchema = lateSchema(() => z.object(rootLogMembers()));
const rootSchema = lateSchema(() => z.object({ mediaType: trustedRootType(), tlogs: z.array(logSchema()) }));

/** The kinds of key with which Rekor v1 signs. A root may hold other kinds, for other clients. */
const knownKeys = new Set([
  'PKIX_ECDSA_P256_SHA_256',
  'PKIX_ECDSA_P384_SHA_384',
  'PKIX_ED25519',
  'PKIX_RSA_PKCS1V15_2048_SHA256',
  'PKIX_RSA_PKCS1V15_3072_SHA256',
  'PKIX_RSA_PKCS1V15_4096_SHA256',
]);

/**
 * The logs of a trusted root (Sigstore's trusted_root.json, sigstore_trustroot.proto) that sign as Rekor v1 does.
 * It leaves out keys of other kinds, and logs that are not named by the SHA-256 of their key, such as those
 * of Rekor v2.
 * @throws MalformedError if it is not a trusted root, or a key in it is damaged
 */
export function parseTrustedRoot(json: unknown): RootLog[] {
  const { tlogs } = checkShape(rootSchema(), json);
  return tlogs
    .filter(({ publicKey }) => knownKeys.has(publicKey.keyDetails))
    .map((log) => ({ log, key: keyOf(log) }))
    .filter(({ log, key }) => encodeHex(decodeBase64(log.logId.keyId)) === key.logId)
    .map(({ log, key }) => ({ url: log.baseUrl, key }));
}

function keyOf({ baseUrl, publicKey }: z.output<ReturnType<typeof logSchema>>): LogKey {
  try {
    return logKeyFromSpki(decodeBase64(publicKey.rawBytes), validityOf(publicKey.validFor));
  } catch (error) {
    if (error instanceof MalformedError) throw new MalformedError(`the key of ${baseUrl}: ${error.message}`);
    throw error;
  }
}
